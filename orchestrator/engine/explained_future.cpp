// SPDX-License-Identifier: MIT
#include "engine/explained_future.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::engine {
namespace {

template <class State>
bool stands_as(const TaskRecord& task) {
  return std::holds_alternative<State>(task.state);
}

class Oracle {
 public:
  explicit Oracle(const ExplanationFacts& facts) : facts_(facts), after_(facts.state) {
    RetryRequest nothing;
    nothing.phase = facts.phase;
    const Result<Recovery> recovery = recover(facts.state, facts.markers, nothing);
    if (recovery.has_error()) {
      refusal_ = recovery.error().message;
      return;
    }
    events_ = recovery.value().events;
    apply(event::run_started{});
    for (const EventBody& body : events_)
      apply(body);
  }

  ExplainedFuture of_task(const TaskAddress& address) {
    if (add_present() || add_refusal()) return std::move(future_);
    const TaskRecord* task = after_.task(address);
    if (task == nullptr) {
      add("not_planned", "nothing: no plan file names it any more, and its history stays");
      return std::move(future_);
    }
    const event::task_reset* reset = reset_of(address);
    if (reset != nullptr) add_reset(*reset, address);
    if (stands_as<state::completed>(*task)) {
      add("stays_complete", "it is not run again, because it is complete");
      add_edit(*task);
      command("execute " + facts_.phase + " --retry " + name(address));
    } else if (stands_as<state::split>(*task)) {
      add_split(*task);
    } else if (is_settled(task->state)) {
      add_left_alone(*task);
    } else if (address.is_phase()) {
      add_review();
    } else {
      add_turn(address);
    }
    return std::move(future_);
  }

  ExplainedFuture of_plan(int number) {
    is_plan_ = true;
    if (add_present() || add_refusal()) return std::move(future_);
    const PlanRecord* plan = after_.plan(number);
    if (plan == nullptr) {
      add("not_planned", "nothing: its plan file is gone, and its history stays");
    } else if (is_complete(*plan)) {
      add("stays_complete", "nothing of it runs again, because it is complete");
    } else if (can_plan_run(number)) {
      add_open_tasks(number);
      command("execute " + facts_.phase);
    }
    return std::move(future_);
  }

 private:
  void apply(EventBody body) {
    // What the journal allowed, recovery's events allow, too.
    const Result<void> applied = after_.apply(Event{0, "", std::move(body)});
    static_cast<void>(applied);
  }

  std::string name(const TaskAddress& address) const { return address_text(facts_.phase, address); }

  void add(std::string cause, std::string text, std::vector<Evidence> evidence = {}) {
    future_.causes.push_back({std::move(cause), std::move(text), std::move(evidence)});
  }

  void command(const std::string& words) {
    const std::string text = "konductor " + words;
    auto& all = future_.commands;
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
  }

  bool add_present() {
    if (!facts_.is_engine_alive) return false;
    add("engine_works", "an engine is at work on the phase now, and decides",
        {{"engine", "lock", "holds phase " + facts_.phase, 0, ""}});
    return true;
  }

  bool add_refusal() {
    if (refusal_.empty()) return false;
    add("refused", "the run is refused: " + refusal_);
    command("execute " + facts_.phase + " --rebuild-markers");
    return true;
  }

  const event::task_reset* reset_of(const TaskAddress& address) const {
    for (const EventBody& body : events_)
      if (const auto* reset = std::get_if<event::task_reset>(&body);
          reset != nullptr && TaskAddress{reset->plan, reset->task} == address)
        return reset;
    return nullptr;
  }

  void add_reset(const event::task_reset& reset, const TaskAddress& address) {
    Cause cause{"runs_again", "it runs again from its start, because: " + reset.reason, {}};
    const TaskRecord* before = facts_.state.task(address);
    if (before != nullptr && reset.reason.find("summary file") != std::string::npos)
      for (const std::string& file : before->filed_files)
        cause.evidence.push_back({"marker", file, "was filed, and is gone", 0, ""});
    if (before != nullptr && stands_as<state::failed>(*before)) cause.name = "tries_again";
    future_.causes.push_back(std::move(cause));
  }

  void add_edit(const TaskRecord& task) {
    const std::string now = facts_.state.fingerprint_of(task.address);
    if (task.fingerprint.empty() || now.empty() || task.sub_task || now == task.fingerprint) return;
    add("text_changed", "its text was changed since, which by itself runs nothing again",
        {{"plan", plan_text(task.address.plan) + ".md",
          "the task's fingerprint is " + now + ", it was " + task.fingerprint, 0, ""}});
  }

  void add_split(const TaskRecord& task) {
    std::vector<std::string> parts;
    for (const int part : std::get<state::split>(task.state).tasks)
      parts.push_back(name({task.address.plan, part}));
    add("parts_run", "its parts stand for it: " + join(parts, ", "));
    for (const std::string& part : parts)
      command("explain " + part);
  }

  void add_left_alone(const TaskRecord& task) {
    const std::string own = name(task.address);
    if (stands_as<state::blocked>(task)) {
      add("stays_blocked", "it is left alone until somebody says what it lacks");
      command("unblock " + own + " --context \"…\"");
      if (!task.address.is_phase()) command("execute " + facts_.phase + " --retry " + own);
      return;
    }
    add("stays_with_person", "it is left alone until a person has settled it or asks for it again");
    command("execute " + facts_.phase + " --retry " + own);
  }

  void add_review() {
    for (const auto& [number, plan] : after_.plans()) {
      if (number == 0 || is_complete(plan)) continue;
      add("waits_for_plans", "it runs when all plans are complete; " +
                                 plan_address_text(facts_.phase, number) + " is not");
      command("explain " + plan_address_text(facts_.phase, number));
      return;
    }
    add("runs", "it runs");
    command("execute " + facts_.phase);
  }

  void add_turn(const TaskAddress& address) {
    if (!can_plan_run(address.plan)) return;
    const TaskRecord* current = after_.current_task(address.plan);
    const bool is_own_turn = current != nullptr && current->address == address;
    if (is_own_turn || address.is_merge()) {
      const TaskRecord* now = facts_.state.task(address);
      const bool is_under_way =
          now != nullptr && !is_settled(now->state) && !stands_as<state::waiting>(*now);
      add("runs", is_under_way ? "it goes on where it was cut off" : "it runs");
    } else if (current != nullptr) {
      add("waits_for_task",
          "it runs when " + name(current->address) + ", which comes before it, is settled");
    }
    command("execute " + facts_.phase);
  }

  // Says why not.
  bool can_plan_run(int number) {
    const PlanRecord& plan = *after_.plan(number);
    if (static_cast<int>(after_.blocked().size()) >= facts_.circuit_breaker) {
      add("breaker", "nothing is started while " + std::to_string(after_.blocked().size()) +
                         " tasks are blocked (execution.circuit_breaker)");
      for (const TaskAddress& blocked : after_.blocked())
        command("unblock " + name(blocked) + " --context \"…\"");
      return false;
    }
    if (!plan.definition.autonomous) {
      add("needs_approval",
          (is_plan_ ? "it" : "its plan") +
              std::string(" is not autonomous, and waits for a person to allow it"));
      command("execute " + facts_.phase + " --approve " + plan_address_text(facts_.phase, number));
    }
    for (const int dependency : plan.definition.depends_on)
      if (!add_dependency(dependency)) return false;
    if (!after_.is_stuck(number)) return true;
    for (const TaskRecord* task : after_.tasks_of(number)) {
      if (!stands_as<state::blocked>(*task) && !stands_as<state::failed>(*task) &&
          !stands_as<state::needs_manual>(*task))
        continue;
      add("waits_for_person", name(task->address) + " holds up the plan: it is " +
                                  std::string(status_name(task->state)));
      command("explain " + name(task->address));
      return false;
    }
    return true;
  }

  bool add_dependency(int dependency) {
    const PlanRecord* other = after_.plan(dependency);
    if (other != nullptr && is_complete(*other)) return true;
    const std::string own = plan_address_text(facts_.phase, dependency);
    const bool is_stuck = other == nullptr || after_.is_stuck(dependency);
    add(is_stuck ? "dependency_stuck" : "dependency_open",
        (is_plan_ ? "it" : "its plan") + std::string(" depends on ") + own +
            (other == nullptr ? ", which is not there"
             : is_stuck       ? ", which cannot complete by itself, so it is skipped"
                              : ", which is not complete yet: it runs behind that"),
        {{"plan", "depends_on", plan_text(dependency), 0, ""}});
    command("explain " + own);
    return !is_stuck;
  }

  void add_open_tasks(int number) {
    std::vector<std::string> open;
    for (const TaskRecord* task : after_.tasks_of(number))
      if (!is_settled(task->state)) open.push_back(name(task->address));
    if (open.empty())
      add("merges", "its tasks are complete: it is checked and merged");
    else
      add("runs", "it runs: " + join(open, ", "));
  }

  const ExplanationFacts& facts_;
  RunState after_;  // As a run begins.
  std::vector<EventBody> events_;
  std::string refusal_;
  bool is_plan_ = false;  // That is asked about.
  ExplainedFuture future_;
};

}  // namespace

ExplainedFuture future_of_task(const ExplanationFacts& facts, const TaskAddress& address) {
  return Oracle(facts).of_task(address);
}

ExplainedFuture future_of_plan(const ExplanationFacts& facts, int plan) {
  return Oracle(facts).of_plan(plan);
}

}  // namespace konductor::engine
