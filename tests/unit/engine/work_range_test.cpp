// SPDX-License-Identifier: MIT
// Between which commits something was done, as the journal tells it.
#include "engine/work_range.hpp"

#include <catch2/catch.hpp>

#include "engine/task_state.hpp"

using namespace konductor;          // NOLINT
using namespace konductor::engine;  // NOLINT

namespace {

void apply(WorkHistory& history, EventBody body, const std::string& run = "run-1") {
  history.apply({0, run, std::move(body)});
}

event::attempt_finished ended(int task, int attempt, const std::string& commit,
                              const std::string& cause = "done") {
  event::attempt_finished event;
  event.plan = 1;
  event.task = task;
  event.role = "executor";
  event.attempt = attempt;
  event.cause = cause;
  event.commit = commit;
  return event;
}

// A plan from c0; its first task made c1, its second began there.
WorkHistory begun_plan() {
  WorkHistory history;
  apply(history, event::workspace_prepared{1, "c0", "c0"});
  apply(history, event::task_started{1, 1, "", "c0"});
  apply(history, ended(1, 1, "c1"));
  apply(history, event::task_completed{1, 1, "c1", "", false});
  apply(history, event::task_started{1, 2, "", "c1"});
  return history;
}

std::string refusal(const Result<WorkRange>& range) {
  REQUIRE(range.has_error());
  CHECK(range.error().code == ErrorCode::invalid_input);
  return range.error().message;
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("a task's work goes from where it began to what its newest attempt left") {
  WorkHistory history = begun_plan();
  CHECK(task_range(history, {1, 1}, "01").value() == WorkRange{"c0", "c1"});
  CHECK(history.task({1, 1})->run == "run-1");
  CHECK(history.task({1, 1})->attempt == "001-task-1-executor-1");
  apply(history, ended(2, 1, "c2"), "run-2");
  apply(history, ended(2, 2, "c3"), "run-2");
  apply(history, ended(2, 3, "c4", "crashed"), "run-2");
  CHECK(task_range(history, {1, 2}, "01").value() == WorkRange{"c1", "c3"});
  CHECK(history.task({1, 2})->attempt == "001-task-2-executor-2");
  CHECK(plan_range(history, 1, "01").value() == WorkRange{"c0", "c3"});
  CHECK(history.runs() == std::set<std::string>{"run-1", "run-2"});
}

TEST_CASE("what has not begun, or ended with nothing, has no range") {
  const WorkHistory history = begun_plan();
  CHECK_THAT(refusal(task_range(history, {1, 2}, "01")), Contains("no attempt of it has ended"));
  CHECK_THAT(refusal(task_range(history, {1, 3}, "01")), Contains("\"01/001/3\" has not begun"));
  CHECK_THAT(refusal(plan_range(history, 2, "01")), Contains("\"01/002\" has not begun"));
  CHECK_THAT(refusal(task_range(history, kPhaseAddress, "01")), Contains("\"01/holistic\""));
}

TEST_CASE("a task that was taken over from its summary has no commits") {
  WorkHistory history;
  apply(history, event::task_completed{1, 1, "", "", true});
  CHECK_THAT(refusal(task_range(history, {1, 1}, "01")), Contains("taken over"));
  CHECK_THAT(refusal(plan_range(history, 1, "01")), Contains("taken over"));
}

TEST_CASE("a rolled back task says what it had done until it begins again") {
  WorkHistory history = begun_plan();
  apply(history, event::task_reset{1, 1, std::string(kRolledBack)});
  CHECK_THAT(refusal(task_range(history, {1, 1}, "01")), Contains("git diff c0 c1"));
  CHECK(plan_range(history, 1, "01").value() == WorkRange{"c0", "c0"});
  apply(history, event::task_started{1, 1, "", "c0"});
  apply(history, ended(1, 2, "d1"));
  CHECK(task_range(history, {1, 1}, "01").value() == WorkRange{"c0", "d1"});
}

TEST_CASE("a plan whose branch went into the integration branch keeps its range") {
  WorkHistory history = begun_plan();
  apply(history, event::workspace_prepared{1, "m5", "m5"});
  CHECK(plan_range(history, 1, "01").value() == WorkRange{"c0", "c1"});
  apply(history, event::plan_reopened{1, "task 01/001/3 was added"});
  apply(history, event::workspace_prepared{1, "m5", "m5"});
  apply(history, ended(3, 1, "m6"));
  CHECK(plan_range(history, 1, "01").value() == WorkRange{"m5", "m6"});
}

TEST_CASE("the phase goes from its first workspace to its newest merge") {
  WorkHistory history = begun_plan();
  CHECK(history.phase_head().empty());
  apply(history, event::merge_finished{1, "clean", "m1", {}});
  apply(history, event::workspace_prepared{2, "m1", "m1"});
  apply(history, event::merge_finished{2, "conflict", "m1", {"a"}});
  CHECK(history.phase_base() == "c0");
  CHECK(history.phase_head() == "m1");
}
