// SPDX-License-Identifier: MIT
#include "cli/dry_run.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/output.hpp"
#include "engine/estimate.hpp"
#include "engine/schedule.hpp"

namespace konductor::cli {
namespace {

// A round of plans that may run at the same time.
struct Round {
  int wave = 0;
  std::vector<int> plans;
};

// Plays the schedule as if every plan took one round.
std::vector<Round> plan_rounds(const driver::RunFacts& facts, const engine::RunState& state,
                               const engine::RunScope& scope) {
  std::vector<engine::SchedulePlan> plans;
  for (const auto& [number, record] : state.plans())
    if (engine::is_in_scope(scope, number, record))
      plans.push_back({number, record.definition.wave, record.definition.depends_on,
                       static_cast<double>(record.definition.tasks.size())});
  const bool is_by_dependency = facts.config.execution.schedule == config::Schedule::dependencies;
  engine::Schedule schedule(std::move(plans), is_by_dependency ? engine::ScheduleMode::dependencies
                                                               : engine::ScheduleMode::waves);
  for (const auto& [number, record] : state.plans())
    if (number != 0 && is_complete(record)) schedule.settle(number, true);
  const auto limit = static_cast<std::size_t>(facts.config.execution.max_wave_parallelism);
  std::vector<Round> rounds;
  while (!schedule.is_finished()) {
    std::vector<int> ready = schedule.ready();
    if (ready.empty()) break;
    if (ready.size() > limit) ready.resize(limit);
    Round round;
    round.wave = state.plan(ready.front())->definition.wave;
    for (const int plan : ready) {
      schedule.take(plan);
      round.plans.push_back(plan);
    }
    for (const int plan : ready)
      schedule.settle(plan, true);
    rounds.push_back(std::move(round));
  }
  return rounds;
}

std::vector<const engine::TaskRecord*> open_tasks(const engine::RunState& state, int plan,
                                                  const engine::RunScope& scope) {
  std::vector<const engine::TaskRecord*> tasks;
  for (const engine::TaskRecord* task : state.tasks_of(plan)) {
    const bool is_done = std::holds_alternative<engine::state::completed>(task->state) ||
                         std::holds_alternative<engine::state::split>(task->state);
    if (!is_done && (!scope.only || *scope.only == task->address)) tasks.push_back(task);
  }
  return tasks;
}

}  // namespace

Result<engine::RunState> begin_run(engine::RunState state, const driver::ExecuteRequest& request) {
  KON_TRY(const engine::Recovery recovery, engine::recover(state, request.markers, request.retry));
  const engine::Event started{0, "", engine::event::run_started{}};
  KON_TRY_VOID(state.apply(started));
  for (const engine::EventBody& body : recovery.events)
    KON_TRY_VOID(state.apply(engine::Event{0, "", body}));
  return state;
}

void print_dry_run(std::ostream& out, const driver::RunFacts& facts, const engine::RunState& state,
                   const engine::RunScope& scope, const ResultDocument& result, bool is_json) {
  const std::vector<Round> rounds = plan_rounds(facts, state, scope);
  nlohmann::ordered_json document = result_object(result);
  document["rounds"] = nlohmann::ordered_json::array();
  std::size_t number = 0;
  for (const Round& round : rounds) {
    nlohmann::ordered_json round_json;
    round_json["wave"] = round.wave;
    round_json["plans"] = nlohmann::ordered_json::array();
    if (!is_json)
      out << "round " << ++number << " (wave " << round.wave << "): " << round.plans.size()
          << (round.plans.size() == 1 ? " plan\n" : " plans side by side\n");
    for (const int plan : round.plans) {
      const engine::PlanDefinition& definition = state.plan(plan)->definition;
      nlohmann::ordered_json plan_json;
      plan_json["plan"] = plan;
      plan_json["title"] = to_valid_utf8(definition.title);
      plan_json["tasks"] = nlohmann::ordered_json::array();
      const bool needs_approval = !definition.autonomous && scope.approved.count(plan) == 0;
      if (!is_json)
        out << "  " << plan_address_text(facts.phase.id, plan) << "  " << definition.title
            << (needs_approval ? "  (waits for --approve)" : "") << "\n";
      for (const engine::TaskRecord* task : open_tasks(state, plan, scope)) {
        const std::string title = state.title_of(task->address);
        plan_json["tasks"].push_back(
            {{"task", task->address.task}, {"title", to_valid_utf8(title)}});
        if (!is_json)
          out << "    " << address_text(facts.phase.id, task->address) << "  " << title << "\n";
      }
      const engine::TaskRecord* merge = state.task({plan, 0});
      if (merge != nullptr && !engine::is_settled(merge->state)) {
        plan_json["tasks"].push_back({{"task", 0}, {"title", "merge"}});
        if (!is_json)
          out << "    " << address_text(facts.phase.id, merge->address)
              << "  merge, with a fix where it conflicts\n";
      }
      round_json["plans"].push_back(std::move(plan_json));
    }
    document["rounds"].push_back(std::move(round_json));
  }
  const bool is_by_dependency = facts.config.execution.schedule == config::Schedule::dependencies;
  engine::RunRules rules = driver::make_rules(facts.config, {}, "worktree");
  rules.durations = facts.durations;
  const double expected = is_by_dependency ? engine::expected_makespan(state, rules, scope) : 0;
  if (is_by_dependency) document["expected_seconds"] = expected;
  if (is_json) {
    out << document.dump(2) << "\n";
    return;
  }
  if (rounds.empty())
    out << "nothing to run: every plan is complete\n";
  else
    out << "at most " << facts.config.execution.max_wave_parallelism
        << " plans run at once; the tasks of a plan run one after another\n";
  if (rounds.empty() || !is_by_dependency) return;
  if (expected > 0)
    out << "expected to take " << duration_text(expected) << ", by the "
        << counted(facts.durations.count, "task") << " timed so far\n";
  else
    out << "no task was timed yet, so nothing can be said of how long it takes\n";
}

}  // namespace konductor::cli
