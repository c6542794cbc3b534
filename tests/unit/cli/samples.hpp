// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/run_state.hpp"
#include "plan/plan.hpp"

// A phase of three plans in two waves, and the states it can be in.
namespace konductor::cli::samples {

inline engine::PlanDefinition define(int number, int wave, std::vector<int> depends_on, int tasks) {
  engine::PlanDefinition plan;
  plan.plan = number;
  plan.wave = wave;
  plan.title = "Plan " + std::to_string(number);
  plan.depends_on = std::move(depends_on);
  for (int task = 1; task <= tasks; ++task)
    plan.tasks.push_back({task, "Task " + std::to_string(task), "f"});
  return plan;
}

inline engine::RunState fresh_state() {
  return engine::RunState({define(1, 1, {}, 1), define(2, 1, {}, 2), define(3, 2, {1, 2}, 1)});
}

inline void apply(engine::RunState& state, std::vector<engine::EventBody> bodies) {
  for (engine::EventBody& body : bodies) {
    const auto applied = state.apply(engine::Event{1'769'860'800'000, "r1", std::move(body)});
    REQUIRE(applied.has_value());
  }
}

inline engine::event::attempt_started started(int plan, int task) {
  return {plan, task, "executor", "execute", 1, "fake"};
}

inline engine::event::attempt_finished finished(int plan, int task) {
  engine::event::attempt_finished event;
  event.plan = plan;
  event.task = task;
  event.role = "executor";
  event.attempt = 1;
  event.cause = "done";
  event.usage = {100, 20, 5, 0.25};
  return event;
}

// Plan 1 complete, task 1 of plan 2 left to a person, its task 2 blocked, plan 3 skipped.
inline engine::RunState mixed_state() {
  namespace event = engine::event;
  engine::RunState state = fresh_state();
  apply(state, {event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "worktree"},
                event::plan_started{1, 1, 0, "Plan 1"}, event::task_started{1, 1, "Task 1", "c0"},
                started(1, 1), finished(1, 1), event::task_completed{1, 1, "c1", "f", false},
                event::plan_completed{1, false}, event::plan_started{2, 1, 1, "Plan 2"},
                event::task_started{2, 1, "Task 1", "c0"}, started(2, 1), finished(2, 1),
                event::task_needs_manual{2, 1, "two reviews failed"},
                event::task_started{2, 2, "Task 2", "c2"}, started(2, 2), finished(2, 2),
                event::task_blocked{2, 2, "the staging database is unknown"},
                event::plan_needs_manual{2, "needs manual review: 002/1"},
                event::plan_skipped{3, "depends on plan 002, which is not complete"}});
  return state;
}

inline plan::Plan make_plan(int number, int wave, std::vector<int> depends_on) {
  plan::Plan plan;
  plan.phase = "01";
  plan.number = number;
  plan.wave = wave;
  plan.title = "Plan " + std::to_string(number);
  plan.depends_on = std::move(depends_on);
  plan.path = ".konductor/phases/01/plans/00" + std::to_string(number) + ".md";
  plan::Task task;
  task.number = 1;
  task.title = "Task 1";
  task.files = {"src/a.cpp"};
  task.action = "Write it";
  task.verify = "`make test` passes, `make broken` fails";
  task.done = "It works";
  plan.tasks = {task};
  return plan;
}

}  // namespace konductor::cli::samples
