// SPDX-License-Identifier: MIT
#include "cli/explain_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/recorded_phase.hpp"
#include "cli/subject.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

// Whether plans or journal know it.
bool is_known(const Subject& subject, const RecordedPhase& phase,
              const std::vector<engine::Event>& events) {
  const TaskAddress address = subject.task.value_or(TaskAddress{subject.plan.value_or(0), 0});
  if (subject.plan ? phase.state.plan(address.plan) != nullptr
                   : phase.state.task(address) != nullptr)
    return true;
  return std::any_of(events.begin(), events.end(), [&](const engine::Event& event) {
    const std::optional<TaskAddress> about = engine::subject_of(event.body);
    return about && (*about == address || (subject.plan && about->plan == address.plan));
  });
}

// Only a limit is asked for: settings that cannot be read are for others to complain about.
int circuit_breaker(const ports::FileStore& files, const CommonOptions& common,
                    const driver::ProjectLayout& layout,
                    const std::vector<std::string>& environment) {
  const auto config = load_configuration(files, layout, common, environment);
  return config.has_value() ? config.value().execution.circuit_breaker
                            : config::Config().execution.circuit_breaker;
}

Result<engine::Explanation> explain(const ExplainOptions& options, const CommonOptions& common,
                                    const Surroundings& around) {
  const platform::PosixFileStore files;
  KON_TRY(const Subject subject, find_subject(files, common, options.address, ShortAddress::task));
  if (!subject.plan && !subject.task)
    return Error{ErrorCode::invalid_input,
                 quote(options.address) + " is a phase; name a plan or a task of it, such as " +
                     plan_address_text(subject.chosen.location.id, 1) + " (`konductor status " +
                     subject.chosen.location.id + "` tells of the phase)"};
  std::vector<engine::Event> events;
  KON_TRY(const RecordedPhase phase,
          read_phase(files, subject.chosen,
                     [&events](const engine::Event& event) { events.push_back(event); }));
  if (!is_known(subject, phase, events))
    return Error{ErrorCode::invalid_input, std::string("no ") + (subject.plan ? "plan " : "task ") +
                                               quote(subject.text()) +
                                               "; see `konductor plan list " + phase.id() + "`"};
  const engine::MarkersOnDisk markers = driver::read_markers(files, phase.plans);
  const engine::ExplanationFacts facts{
      phase.id(),
      phase.state,
      markers,
      events,
      phase.holder.has_value(),
      circuit_breaker(files, common, subject.chosen.layout, around.environment)};
  return subject.plan ? engine::explain_plan(facts, *subject.plan)
                      : engine::explain_task(facts, *subject.task);
}

}  // namespace

int run_explain_command(const ExplainOptions& options, const CommonOptions& common,
                        Surroundings& around) {
  const Result<engine::Explanation> explanation = explain(options, common, around);
  if (explanation.has_error()) return fail(around, common, "explain", explanation.error());
  if (common.is_json)
    print_json(around.out, explanation_json(explanation.value()));
  else
    around.out << explanation_text(explanation.value(), make_output_paint(around));
  return 0;
}

}  // namespace konductor::cli
