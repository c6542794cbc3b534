// SPDX-License-Identifier: MIT
#include "engine/explanation.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "engine/explainer.hpp"

namespace konductor::engine {
namespace {

class TaskExplainer : private Explainer {
 public:
  explicit TaskExplainer(const ExplanationFacts& facts) : Explainer(facts) {}

  Explanation of_task(const TaskAddress& address) {
    const TaskRecord* task = facts_.state.task(address);
    told_.subject = address_text(facts_.phase, address);
    told_.title = facts_.state.title_of(address);
    told_.state = task == nullptr ? "gone" : std::string(status_name(task->state));
    told_.ran = explain_attempts(facts_, address);
    if (task == nullptr)
      explain_gone(address);
    else
      explain_state(*task);
    add_future(future_of_task(facts_, address));
    return std::move(told_);
  }

 private:
  void explain_state(const TaskRecord& task) {
    std::visit(Overloaded{
                   [&](const state::completed&) { explain_complete(task); },
                   [&](const state::failed& s) { explain_failed(task, s.reason); },
                   [&](const state::blocked& s) { explain_blocked(task, s.reason); },
                   [&](const state::needs_manual& s) { explain_manual(task, s.reason); },
                   [&](const state::split& s) { explain_split(task, s); },
                   [&](const state::waiting&) { explain_waiting(task); },
                   [&](const auto&) { explain_under_way(task); },
               },
               task.state);
  }

  void explain_complete(const TaskRecord& task) {
    const Event* completed = newest<event::task_completed>(facts_, task.address);
    if (task.address.is_phase()) completed = newest_of_run<event::holistic_finished>(facts_);
    if (task.address.is_merge()) completed = newest<event::merge_fixed>(facts_, task.address);
    answer(task.address.is_phase() ? "It passed" : "It is complete: what it did was accepted");
    if (completed != nullptr)
      add("accepted", "it was accepted", completed);
    else
      add("rebuilt", "its summary file says so; the journal that knew more is gone");
    if (const Event* gates = newest<event::gate_checked>(facts_, task.address); gates != nullptr)
      told_.stands.back().evidence.insert(told_.stands.back().evidence.begin(),
                                          evidence_of(*gates));
    if (!task.is_filed && !task.address.is_phase() && !task.address.is_merge())
      add("marker_not_filed", "its summary file is not written yet; the next run writes it");
  }

  void explain_failed(const TaskRecord& task, const std::string& reason) {
    answer("It is not complete, because it failed: " + reason);
    add("failed", reason, newest<event::task_failed>(facts_, task.address));
    add_last_attempt(task.address);
  }

  void explain_blocked(const TaskRecord& task, const std::string& reason) {
    answer("It is not complete, because it is blocked: " + reason);
    const Event* event = newest<event::task_blocked>(facts_, task.address);
    if (event == nullptr) event = newest_of_run<event::holistic_finished>(facts_);
    add("blocked", reason, event);
    add_status(task);
    if (task.address.is_phase()) add_rejection(task);
  }

  void explain_manual(const TaskRecord& task, const std::string& reason) {
    answer("It is not complete, because it needs a person: " + reason);
    add("needs_manual", reason, newest<event::task_needs_manual>(facts_, task.address));
    add_rejection(task);
  }

  void explain_split(const TaskRecord& task, const state::split& split) {
    std::vector<std::string> parts;
    for (const int part : split.tasks)
      parts.push_back(name({task.address.plan, part}));
    answer("It was split into " + join(parts, ", "));
    add("split", "the assessor split it into smaller tasks",
        newest<event::task_split>(facts_, task.address));
  }

  void explain_under_way(const TaskRecord& task) {
    answer(facts_.is_engine_alive ? "It is not complete, because it is being worked on now"
                                  : "It is not complete, because its run ended before it did");
    const Event* attempt = newest<event::attempt_started>(facts_, task.address);
    add("under_way", "next is " + std::string(describe(task.state)), attempt);
    add_limits(task.address);
    if (!facts_.is_engine_alive) add_run_end();
    if (attempt != nullptr)
      add_edited_plan(std::get<event::attempt_started>(attempt->body), *attempt);
  }

  void explain_waiting(const TaskRecord& task) {
    const TaskAddress address = task.address;
    if (const Event* reset = newest<event::task_reset>(facts_, address); reset != nullptr)
      add("reset", "it is to run again: " + std::get<event::task_reset>(reset->body).reason, reset);
    if (address.is_phase()) {
      explain_waiting_review();
      return;
    }
    const PlanRecord& plan = *facts_.state.plan(address.plan);
    if (const auto* skipped = std::get_if<plan_state::skipped>(&plan.state)) {
      answer("It did not run, because its plan was skipped: it " + skipped->reason);
      add("plan_skipped", "its plan " + skipped->reason,
          newest<event::plan_skipped>(facts_, {address.plan, 0}));
      add_dependencies(plan);
      return;
    }
    if (const TaskRecord* holder = held_up_by(address); holder != nullptr) {
      answer("It did not run, because " + name(holder->address) + ", which comes before it, is " +
             std::string(status_name(holder->state)));
      add("earlier_task", name(holder->address) + " stops the plan", event_of_end(*holder));
      return;
    }
    explain_not_reached(address);
  }

  void explain_waiting_review() {
    for (const auto& [number, plan] : facts_.state.plans()) {
      if (number == 0 || std::holds_alternative<plan_state::completed>(plan.state)) continue;
      answer("It did not run, because plan " + plan_address_text(facts_.phase, number) +
             " is not complete");
      add("plan_incomplete",
          plan_address_text(facts_.phase, number) + " is " + std::string(status_name(plan.state)));
      return;
    }
    answer("It did not run yet");
    add_run_end();
  }

  // --- Evidence ---

  // The earlier task of the plan that stops it; null without one.
  const TaskRecord* held_up_by(const TaskAddress& address) const {
    for (const TaskRecord* task : facts_.state.tasks_of(address.plan)) {
      if (task->address == address) return nullptr;
      if (std::holds_alternative<state::blocked>(task->state) ||
          std::holds_alternative<state::failed>(task->state))
        return task;
    }
    return nullptr;
  }

  void add_last_attempt(const TaskAddress& address) {
    const Event* event = newest<event::attempt_finished>(facts_, address);
    if (event == nullptr) return;
    const auto& finished = std::get<event::attempt_finished>(event->body);
    Cause& cause = add("last_attempt",
                       "its last attempt, " + finished.role + " " +
                           std::to_string(finished.attempt) + ", ended " + finished.cause,
                       event);
    const std::string attempt = attempt_name(address, finished.role, finished.attempt);
    cause.evidence.push_back({"log", "runs/" + event->run + "/" + attempt, "", 0, event->run});
  }

  // What the executor said of it itself.
  void add_status(const TaskRecord& task) {
    const Event* event = newest<event::status_reported>(facts_, task.address);
    if (event == nullptr) return;
    const auto& status = std::get<event::status_reported>(event->body);
    Cause& cause = add("status", "the executor reported " + status.status, event);
    cause.evidence.push_back(
        {"document", attempt_name(task.address, to_string(RoleName::executor), status.attempt),
         status.text, 0, event->run});
  }

  // The newest gates or review that did not pass.
  void add_rejection(const TaskRecord& task) {
    const Event* gates = newest<event::gate_checked>(facts_, task.address);
    const Event* review = newest<event::review_finished>(facts_, task.address);
    const bool is_review = review != nullptr &&
                           std::get<event::review_finished>(review->body).verdict != "pass" &&
                           (gates == nullptr || gates < review);
    const bool is_gates =
        !is_review && gates != nullptr && !std::get<event::gate_checked>(gates->body).passed;
    if (!is_review && !is_gates) return;
    const auto& findings = is_review ? std::get<event::review_finished>(review->body).findings
                                     : std::get<event::gate_checked>(gates->body).findings;
    Cause& cause = is_review ? add("review_failed", "its newest review did not pass", review)
                             : add("gates_failed", "its gates did not pass", gates);
    for (const Finding& finding : findings)
      cause.evidence.push_back(
          {"finding", finding.source, "[" + finding.severity + "] " + finding.text, 0, ""});
  }

  void add_edited_plan(const event::attempt_started& started, const Event& event) {
    const PlanRecord* plan = facts_.state.plan(started.plan);
    if (plan == nullptr || started.fingerprint.empty() || plan->definition.fingerprint.empty() ||
        started.fingerprint == plan->definition.fingerprint)
      return;
    Cause& cause =
        add("text_changed", "the plan file was changed since the attempt was given it", &event);
    cause.evidence.push_back(
        {"plan", plan_text(started.plan) + ".md",
         "its fingerprint is " + plan->definition.fingerprint + ", it was " + started.fingerprint,
         0, ""});
  }
};

}  // namespace

Explanation explain_task(const ExplanationFacts& facts, const TaskAddress& address) {
  return TaskExplainer(facts).of_task(address);
}

}  // namespace konductor::engine
