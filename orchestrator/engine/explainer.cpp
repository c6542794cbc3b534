// SPDX-License-Identifier: MIT
#include "engine/explainer.hpp"

#include "base/text.hpp"

namespace konductor::engine {

void Explainer::add_future(ExplainedFuture future) {
  told_.next = std::move(future.causes);
  told_.commands = std::move(future.commands);
}

Cause& Explainer::add(std::string name, std::string text, const Event* event) {
  told_.stands.push_back({std::move(name), std::move(text), {}});
  if (event != nullptr) told_.stands.back().evidence.push_back(evidence_of(*event));
  return told_.stands.back();
}

void Explainer::answer(const std::string& sentence) {
  const bool has_end = sentence.find_last_of(".?!") == sentence.size() - 1;
  told_.answer = has_end ? sentence : sentence + ".";
}

void Explainer::explain_gone(const TaskAddress& address) {
  answer("No plan file names it any more");
  add("gone", "its text was taken out of the plans; what it did is in the journal",
      newest<event::task_completed>(facts_, address));
}

void Explainer::explain_not_reached(const TaskAddress& address) {
  if (!facts_.state.has_events()) {
    answer("It did not run, because the phase was never executed");
    add("never_executed", "the journal holds nothing of the phase");
    return;
  }
  if (facts_.is_engine_alive) {
    answer("It did not run yet: its turn is to come");
    add("turn_to_come", "the engine that is at work has not come to it",
        newest_of_run<event::run_started>(facts_));
    return;
  }
  answer("It did not run, because the last run ended before its turn");
  const bool was_started = newest<event::plan_started>(facts_, {address.plan, 0}) != nullptr;
  if (!was_started)
    add("plan_not_started", "its plan, of wave " +
                                std::to_string(facts_.state.plan(address.plan)->definition.wave) +
                                ", was never started");
  add_limits(address);
  add_run_end();
}

void Explainer::add_dependencies(const PlanRecord& plan) {
  for (const int dependency : plan.definition.depends_on) {
    const PlanRecord* other = facts_.state.plan(dependency);
    const bool is_done =
        other != nullptr && std::holds_alternative<plan_state::completed>(other->state);
    if (is_done) continue;
    const std::string own = plan_address_text(facts_.phase, dependency);
    Cause& cause =
        add("dependency_incomplete", other == nullptr ? own + ", which it depends on, is not there"
                                                      : own + ", which it depends on, is " +
                                                            std::string(status_name(other->state)));
    cause.evidence.push_back({"plan", "depends_on", plan_text(dependency), 0, ""});
    if (other == nullptr) continue;
    for (const TaskRecord* task : facts_.state.tasks_of(dependency))
      if (const Event* event = event_of_end(*task);
          event != nullptr && !std::holds_alternative<state::completed>(task->state))
        cause.evidence.push_back(evidence_of(*event));
  }
}

const Event* Explainer::event_of_end(const TaskRecord& task) const {
  if (std::holds_alternative<state::blocked>(task.state))
    return newest<event::task_blocked>(facts_, task.address);
  if (std::holds_alternative<state::failed>(task.state))
    return newest<event::task_failed>(facts_, task.address);
  if (std::holds_alternative<state::needs_manual>(task.state))
    return newest<event::task_needs_manual>(facts_, task.address);
  return nullptr;
}

void Explainer::add_limits(const TaskAddress& address) {
  const Event* run = newest_of_run<event::run_started>(facts_);
  for (const Event& event : facts_.events) {
    if (run == nullptr || &event < run) continue;
    if (const auto* waits = std::get_if<event::quota_waiting>(&event.body);
        waits != nullptr && TaskAddress{waits->plan, waits->task} == address)
      add("quota", "its provider's limit was met", &event);
    const auto* budget = std::get_if<event::budget_reached>(&event.body);
    const bool is_own =
        budget != nullptr &&
        (budget->plan == 0 ||
         (budget->plan == address.plan && (budget->task == 0 || budget->task == address.task)));
    if (is_own) add("budget", "a budget was reached", &event);
    if (std::holds_alternative<event::breaker_tripped>(event.body))
      add("breaker", "dispatch was stopped", &event);
  }
}

void Explainer::add_run_end() {
  const Event* run = newest_of_run<event::run_started>(facts_);
  const Event* end = newest_of_run<event::run_finished>(facts_);
  if (run == nullptr) return;
  if (end != nullptr && end > run)
    add("run_ended", "the last run ended " + std::get<event::run_finished>(end->body).outcome, end);
  else
    add("run_cut_off", "the last run was cut off: its engine did not come to its end", run);
}

}  // namespace konductor::engine
