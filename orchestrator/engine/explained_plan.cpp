// SPDX-License-Identifier: MIT
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "engine/explainer.hpp"

namespace konductor::engine {
namespace {

class PlanExplainer : private Explainer {
 public:
  explicit PlanExplainer(const ExplanationFacts& facts) : Explainer(facts) {}

  Explanation of_plan(int number) {
    const PlanRecord* plan = facts_.state.plan(number);
    told_.subject = plan_address_text(facts_.phase, number);
    told_.title = plan == nullptr ? "" : plan->definition.title;
    told_.state = plan == nullptr ? "gone" : std::string(status_name(plan->state));
    told_.ran = explain_attempts(facts_, {number, 0});
    if (plan == nullptr) {
      explain_gone({number, 0});
    } else {
      explain_plan_state(*plan, number);
      explain_predictions(*plan);
    }
    add_future(future_of_plan(facts_, number));
    return std::move(told_);
  }

 private:
  void explain_plan_state(const PlanRecord& plan, int number) {
    const TaskAddress address{number, 0};
    std::visit(
        Overloaded{
            [&](const plan_state::completed&) {
              answer("It is complete: its tasks are accepted, and it is merged");
              add("complete", "all its tasks are complete",
                  newest<event::plan_completed>(facts_, address));
            },
            [&](const plan_state::skipped& s) {
              answer("It was skipped: it " + s.reason);
              add("plan_skipped", "it " + s.reason, newest<event::plan_skipped>(facts_, address));
              add_dependencies(plan);
            },
            [&](const plan_state::needs_manual& s) {
              answer("It is not complete, because it needs a person: " + s.reason);
              add("needs_manual", s.reason, newest<event::plan_needs_manual>(facts_, address));
              add_merge(plan, address);
              add_open_tasks(number);
            },
            [&](const plan_state::running&) {
              answer(facts_.is_engine_alive
                         ? "It is not complete, because it is being worked on now"
                         : "It is not complete, because its run ended before it did");
              add("under_way", "it was started", newest<event::plan_started>(facts_, address));
              add_open_tasks(number);
              if (!facts_.is_engine_alive) add_run_end();
            },
            [&](const plan_state::stopped&) {
              answer("It is not complete, because a task of it stopped it");
              add_open_tasks(number);
            },
            [&](const plan_state::waiting&) { explain_waiting_plan(plan, number); },
        },
        plan.state);
  }

  void explain_waiting_plan(const PlanRecord& plan, int number) {
    if (const Event* reopened = newest<event::plan_reopened>(facts_, {number, 0});
        reopened != nullptr)
      add("reopened", "it was complete once, and has something to do again", reopened);
    if (facts_.state.is_stuck(number)) {
      answer("It is not complete, because a task of it stops it");
      add_open_tasks(number);
      return;
    }
    explain_not_reached({number, 0});
    add_dependencies(plan);
  }

  void explain_predictions(const PlanRecord& plan) {
    if (std::holds_alternative<plan_state::completed>(plan.state)) return;
    for (const auto& [other, paths] : plan.predicted) {
      if (paths.empty()) continue;
      add("conflict_predicted", "it would not merge with " +
                                    (other == 0 ? std::string("what is merged already")
                                                : plan_address_text(facts_.phase, other)) +
                                    " as both stand: " + join(paths, ", "));
    }
  }

  void add_open_tasks(int number) {
    for (const TaskRecord* task : facts_.state.tasks_of(number)) {
      const bool is_done = std::holds_alternative<state::completed>(task->state) ||
                           std::holds_alternative<state::split>(task->state);
      if (!is_done)
        add("open_task", name(task->address) + " is " + std::string(status_name(task->state)),
            event_of_end(*task));
    }
  }

  void add_merge(const PlanRecord& plan, const TaskAddress& address) {
    if (plan.conflicts.empty()) return;
    add("merge_conflict", "its merge conflicts in " + join(plan.conflicts, ", "),
        newest<event::merge_finished>(facts_, address));
  }
};

}  // namespace

Explanation explain_plan(const ExplanationFacts& facts, int plan) {
  return PlanExplainer(facts).of_plan(plan);
}

}  // namespace konductor::engine
