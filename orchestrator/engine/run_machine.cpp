// SPDX-License-Identifier: MIT
#include "engine/run_machine.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/overloaded.hpp"
#include "engine/estimate.hpp"

namespace konductor::engine {
namespace {

Schedule make_schedule(const RunState& state, const RunRules& rules, const RunScope& scope) {
  std::vector<SchedulePlan> plans;
  for (const auto& [number, record] : state.plans()) {
    if (!is_in_scope(scope, number, record)) continue;
    plans.push_back({number, record.definition.wave, record.definition.depends_on,
                     expected_length(state, number, rules.durations)});
  }
  return Schedule(std::move(plans), rules.schedule);
}

}  // namespace

RunMachine::RunMachine(RunState state, RunRules rules, RunScope scope)
    : state_(std::move(state)),
      rules_(rules),
      scope_(std::move(scope)),
      schedule_(make_schedule(state_, rules_, scope_)),
      budget_(rules_.budget) {}

void tell_scope(const RunScope& scope, event::run_started& started) {
  started.scope_plan = scope.only ? scope.only->plan : scope.plan.value_or(0);
  started.scope_task = scope.only ? scope.only->task : 0;
  started.until_wave = scope.until_wave.value_or(0);
}

RunScope told_scope(const event::run_started& started) {
  RunScope scope;
  if (started.scope_task != 0)
    scope.only = TaskAddress{started.scope_plan, started.scope_task};
  else if (started.scope_plan != 0)
    scope.plan = started.scope_plan;
  if (started.until_wave != 0) scope.until_wave = started.until_wave;
  return scope;
}

bool is_in_scope(const RunScope& scope, int plan, const PlanRecord& record) {
  return plan != 0 && (!scope.plan || *scope.plan == plan) &&
         (!scope.only || scope.only->plan == plan) &&
         (!scope.until_wave || record.definition.wave <= *scope.until_wave);
}

bool RunMachine::is_wanted(int plan) const {
  const PlanRecord* record = state_.plan(plan);
  return record != nullptr && is_in_scope(scope_, plan, *record);
}

void RunMachine::emit(EventBody body) {
  const Result<void> applied = state_.apply(Event{0, {}, body});
  // Only this machine made the event: one that does not fit is a bug here.
  KON_CHECK(applied.has_value());
  step_.events.push_back(std::move(body));
}

Step RunMachine::start() {
  for (const auto& [number, record] : state_.plans()) {
    if (number != 0 && is_complete(record)) {
      schedule_.settle(number, true);
      if (!record.is_filed || scope_.refiles || scope_.unfiled.count(number) != 0) {
        filing_.insert({number, 0});
        request(command::file_plan{number});
      }
    }
    for (const TaskRecord* task : state_.tasks_of(number)) {
      // Of what was skipped there is nothing to tell.
      const bool is_told =
          is_settled(task->state) && !std::holds_alternative<state::skipped>(task->state);
      if (is_told && (!task->is_filed || scope_.refiles)) unfiled_.insert(task->address);
    }
  }
  dispatch();
  return std::exchange(step_, {});
}

Step RunMachine::handle(const Outcome& outcome) {
  std::visit([this](const auto& o) { on(o); }, outcome);
  take_deferred();
  dispatch();
  return std::exchange(step_, {});
}

void RunMachine::on(const GatesAbandoned& abandoned) {
  busy_tasks_.erase(abandoned.address);
}

void RunMachine::on(const WorkspaceReady& ready) {
  busy_plans_.erase(ready.plan);
  emit(event::workspace_prepared{ready.plan, ready.base, ready.head, ready.directory});
}

void RunMachine::on(const Filed& filed) {
  filing_.erase(filed.address);
  unfiled_.erase(filed.address);
  emit(event::marker_filed{filed.address.plan, filed.address.task, filed.files});
}

void RunMachine::on(const PlanMerged& merged) {
  busy_plans_.erase(merged.plan);
  if (!merged.misfit.empty()) {
    if (merged.plan == 0)
      emit(event::holistic_finished{
          "fail", merged.misfit + " with `konductor execute " +
                      (state_.last_run() == nullptr ? "" : state_.last_run()->phase) +
                      " --retry-blocked`"});
    else
      emit(event::plan_needs_manual{merged.plan, merged.misfit});
    return;
  }
  is_merging_ = false;
  if (!merged.missing_artifacts.empty()) {
    std::string reason = "missing after its tasks are complete:";
    for (const std::string& artifact : merged.missing_artifacts)
      reason += " \"" + artifact + "\"";
    emit(event::plan_needs_manual{merged.plan, reason});
    return;
  }
  emit(merged.merge);
  if (merged.merge.result == "conflict") {
    std::string reason = "its branch conflicts with what was merged before:";
    for (const std::string& path : merged.merge.conflicts)
      reason += " \"" + path + "\"";
    if (merged.plan == 0)
      emit(event::holistic_finished{"fail", reason});
    else if (merged.merge.fix_from.empty())
      emit(event::plan_needs_manual{merged.plan, reason + how_to_merge(merged.plan)});
    return;
  }
  if (merged.plan == 0) return;
  emit(event::plan_completed{merged.plan, false});
  filing_.insert({merged.plan, 0});
  request(command::file_plan{merged.plan});
}

void RunMachine::on(const MergeFixDropped& dropped) {
  busy_plans_.erase(dropped.plan);
}

void RunMachine::on(const Noticed& noticed) {
  emit(event::note_recorded{noticed.address.plan, noticed.address.task, noticed.text});
}

void RunMachine::on(const StopRequested& stop) {
  if (!stop_signal_) stop_signal_ = stop.signal;
}

void RunMachine::on(const EngineFailed& failed) {
  // What a stop cut off is part of the stop: the task stays where it is.
  const bool is_part_of_stop = stop_signal_ && failed.error.code == ErrorCode::cancelled;
  // A limit yields to what a person has to put right.
  const bool is_first = !failure_ || failure_->code == ErrorCode::limit_reached;
  if (is_first && !is_part_of_stop) failure_ = failed.error;
  if (!failed.address) return;
  budget_.finish(*failed.address, {}, false);
  busy_tasks_.erase(*failed.address);
  filing_.erase(*failed.address);
  busy_plans_.erase(failed.address->plan);
}

void RunMachine::on(const GatesChecked& checked) {
  busy_tasks_.erase(checked.address);
  const TaskRecord* task = state_.task(checked.address);
  KON_CHECK(task != nullptr);
  if (state_.wanted_skips().count(checked.address) != 0) return;
  for (const std::string& note : checked.notes)
    emit(event::note_recorded{checked.address.plan, checked.address.task, note});
  event::gate_checked gates;
  gates.plan = checked.address.plan;
  gates.task = checked.address.task;
  gates.passed = checked.findings.empty();
  gates.stage = gate_stage(*task);
  gates.findings = checked.findings;
  gates.undeclared = checked.undeclared;
  gates.untouched = checked.untouched;
  const std::string stage = gates.stage;
  emit(std::move(gates));
  if (!checked.findings.empty())
    check_round_limit(checked.address, stage, checked.findings);
  else if (stage == "gates")
    complete_task(checked.address);
}

bool RunMachine::is_finished() const {
  return busy_tasks_.empty() && busy_plans_.empty() && filing_.empty() && !is_held_back();
}

bool RunMachine::is_phase_complete() const {
  for (const auto& [number, record] : state_.plans())
    if (number != 0 && !is_complete(record)) return false;
  if (!rules_.is_review_enabled || !rules_.is_quality_review_enabled) return true;
  return is_complete(*state_.plan(0));
}

int RunMachine::exit_code() const {
  if (stop_signal_) return 128 + *stop_signal_;
  const bool is_limited = failure_ && failure_->code == ErrorCode::limit_reached;
  if (failure_ && !is_limited) {
    if (failure_->code == ErrorCode::fenced || failure_->code == ErrorCode::busy) return 5;
    if (failure_->code == ErrorCode::internal) return 1;
    return 6;
  }
  const std::optional<std::string>& breaker = state_.breaker();
  if (breaker && *breaker == "blocked") return 3;
  const bool is_holistic_blocked = std::holds_alternative<state::blocked>(state_.holistic().state);
  if (!state_.blocked().empty() || is_holistic_blocked) return 4;
  // What was done in spite of a limit that was reached is done.
  const bool is_done = is_all_done();
  if (is_limited || (!reached_.empty() && !is_done)) return 7;
  if (breaker) return 1;
  return is_done ? 0 : 1;
}

// Everything that the run was asked for.
bool RunMachine::is_all_done() const {
  if (scope_.only) {
    const auto wanted = wanted_tasks();
    return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [](const TaskRecord* task) {
      return std::holds_alternative<state::completed>(task->state);
    });
  }
  for (const auto& [number, record] : state_.plans())
    if (is_wanted(number) && !is_complete(record)) return false;
  // A review that a limit kept from being done is missing.
  return reached_.empty() || !is_holistic_due() || is_complete(*state_.plan(0));
}

std::string RunMachine::outcome_name() const {
  if (stop_signal_) return "interrupted";
  if (failure_ && failure_->code != ErrorCode::limit_reached) return "failed";
  switch (exit_code()) {
    case 0:
      return "complete";
    case 3:
      return "circuit_breaker";
    case 4:
      return "blocked";
    case 7:
      return "limit";
    default:
      return state_.breaker() ? "failures" : "incomplete";
  }
}

}  // namespace konductor::engine
