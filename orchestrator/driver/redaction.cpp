// SPDX-License-Identifier: MIT
#include "driver/redaction.hpp"

#include <type_traits>

#include "base/overloaded.hpp"

namespace konductor::driver {
namespace {

// Walks the texts of anything that lists its fields.
class TextRedaction {
 public:
  explicit TextRedaction(const Redactor& redactor) : redactor_(redactor) {}

  void operator()(std::string& text) const {
    if (!text.empty() && redactor_.has_secret(text)) text = redactor_.redact(text);
  }
  template <class T>
  void operator()(std::vector<T>& all) const {
    for (T& one : all)
      visit(one);
  }
  template <class T>
  void operator()(std::optional<T>& one) const {
    if (one) (*this)(*one);
  }
  void operator()(Error& error) const { (*this)(error.message); }
  template <class T>
  std::enable_if_t<!std::is_arithmetic_v<T>> operator()(T& fields) const {
    T::fields(fields, [this](const char*, auto& field) { this->visit(field); });
  }

 private:
  template <class T>
  void visit(T& field) const {
    if constexpr (!std::is_arithmetic_v<T>) (*this)(field);
  }

  const Redactor& redactor_;
};

void redact_report(const TextRedaction& redact, engine::AttemptReport& report) {
  std::visit(Overloaded{
                 [](std::monostate&) {},
                 [&](engine::SummaryReport& summary) {
                   redact(summary.concerns);
                   redact(summary.text);
                   redact(summary.files_needed);
                 },
                 [&](engine::ReviewReport& review) { redact(review.findings); },
                 [&](engine::ContextReport& context) { redact(context.text); },
                 [&](engine::AssessmentReport& assessment) {
                   redact(assessment.context);
                   redact(assessment.tasks);
                 },
                 [&](engine::ConcernsReport& concerns) {
                   redact(concerns.actionable);
                   redact(concerns.informational);
                 },
             },
             report);
}

void redact_outcome(const TextRedaction& redact, engine::Outcome& outcome) {
  std::visit(Overloaded{
                 [&](engine::AttemptEnded& ended) {
                   redact(ended.finished);
                   redact_report(redact, ended.report);
                   redact(ended.notes);
                   redact(ended.waiting);
                   redact(ended.predicted);
                   redact(ended.fatal);
                 },
                 [&](engine::GatesChecked& checked) {
                   redact(checked.findings);
                   redact(checked.undeclared);
                   redact(checked.untouched);
                   redact(checked.notes);
                 },
                 [&](engine::PlanMerged& merged) {
                   redact(merged.missing_artifacts);
                   redact(merged.merge);
                   redact(merged.misfit);
                 },
                 [&](engine::EngineFailed& failed) { redact(failed.error); },
                 // These tell nothing that an attempt or a command said.
                 [](engine::GatesAbandoned&) {},
                 [](engine::WorkspaceReady&) {},
                 [](engine::Filed&) {},
                 [](engine::MergeFixDropped&) {},
                 [](engine::StopRequested&) {},
                 [](engine::Noticed&) {},
             },
             outcome);
}

}  // namespace

Redactor make_redactor(const std::vector<std::string>& environment, const config::Config& config) {
  std::vector<std::string> entries = environment;
  for (const auto& [name, runtime] : config.runtimes)
    for (const auto& [variable, value] : runtime.env)
      entries.push_back(variable + "=" + value);
  return Redactor(secrets_of_environment(entries));
}

void redact(const Redactor& redactor, engine::Outcome& outcome) {
  redact_outcome(TextRedaction(redactor), outcome);
}

void redact(const Redactor& redactor, engine::EventBody& body) {
  const TextRedaction redaction(redactor);
  std::visit([&redaction](auto& event) { redaction(event); }, body);
}

void redact(const Redactor& redactor, agent::StreamReport& report) {
  const TextRedaction redaction(redactor);
  redaction(report.detail);
  redaction(report.message);
  if (redactor.has_secret(report.session)) report.session.clear();
}

Task<Result<void>> redact_files(RunShared& shared, std::filesystem::path path) {
  auto job = [&shared, &path]() -> Result<void> {
    KON_TRY_VOID(shared.ports.files.redact(path, shared.facts.redactor));
    return {};
  };
  const Result<void> done = co_await offload(shared.ports.work_pool, std::move(job));
  co_return done;
}

}  // namespace konductor::driver
