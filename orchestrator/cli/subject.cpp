// SPDX-License-Identifier: MIT
#include "cli/subject.hpp"

#include "base/text.hpp"

namespace konductor::cli {
namespace {

bool is_named_in_full(const std::string& text, const driver::PhaseLocation& location) {
  return text == location.id || text == location.directory_name;
}

}  // namespace

std::string Subject::text() const {
  if (task) return address_text(chosen.location.id, *task);
  return plan ? plan_address_text(chosen.location.id, *plan) : chosen.location.id;
}

Result<Subject> find_subject(const ports::FileStore& files, const CommonOptions& common,
                             const std::string& text, ShortAddress short_address) {
  Subject subject;
  if (text.find('/') == std::string::npos) {
    KON_TRY(subject.chosen, choose_phase(files, common, text));
    return subject;
  }
  const Result<AddressText> plan = parse_address(text, AddressKind::plan);
  if (plan.has_value()) {
    const std::string phase = plan.value().phase.value_or("");
    Result<ChosenPhase> chosen = choose_phase(files, common, phase);
    if (chosen.has_value() &&
        (short_address == ShortAddress::plan || is_named_in_full(phase, chosen.value().location))) {
      subject.chosen = std::move(chosen).value();
      subject.plan = plan.value().plan;
      return subject;
    }
  }
  const Result<AddressText> task = parse_address(text, AddressKind::task);
  if (task.has_error())
    return Error{ErrorCode::invalid_input,
                 quote(text) + " is no phase, plan or task, such as 01, 01/002 or 01/002/3"};
  KON_TRY(subject.chosen, choose_phase(files, common, task.value().phase.value_or("")));
  subject.task = TaskAddress{*task.value().plan, *task.value().task};
  return subject;
}

}  // namespace konductor::cli
