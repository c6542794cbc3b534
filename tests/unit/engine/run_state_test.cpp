// SPDX-License-Identifier: MIT
#include "engine/run_state.hpp"

#include <catch2/catch.hpp>

#include "support/run_simulator.hpp"

using namespace konductor;
using namespace konductor::test;

namespace {

void apply(RunState& state, EventBody body) {
  const Result<void> applied = state.apply({0, "run-1", std::move(body)});
  INFO(event_name(body));
  REQUIRE(applied.has_value());
}

event::attempt_started started(int plan, int task, int attempt = 1,
                               const std::string& role = "executor") {
  return {plan, task, role, "execute", attempt, ""};
}

event::attempt_finished finished(int plan, int task, const std::string& cause, int attempt = 1) {
  event::attempt_finished event;
  event.plan = plan;
  event.task = task;
  event.role = "executor";
  event.attempt = attempt;
  event.cause = cause;
  return event;
}

// A phase of two plans with two tasks each, all of them started and in flight.
RunState busy_phase() {
  RunState state({make_plan(1, 1, {}, 2), make_plan(2, 1, {}, 2)});
  apply(state, event::run_started{});
  for (const int plan : {1, 2}) {
    apply(state, event::plan_started{plan, 1, plan - 1, ""});
    apply(state, event::workspace_prepared{plan, "base", "head"});
    apply(state, event::task_started{plan, 1, "", "head"});
    apply(state, started(plan, 1));
  }
  return state;
}

}  // namespace

TEST_CASE("a state without events has everything waiting") {
  const RunState state({make_plan(1, 1, {}, 2)});
  CHECK_FALSE(state.has_events());
  CHECK(status_name(state.plan(1)->state) == "waiting");
  CHECK(describe(state.task({1, 2})->state) == "waiting");
  CHECK(state.current_task(1)->address == TaskAddress{1, 1});
  CHECK(state.title_of({1, 2}) == "task 2");
  CHECK(state.title_of(kPhaseAddress) == "holistic review");
  CHECK(state.fingerprint_of({1, 2}) == "text-2");
  CHECK(state.plan(9) == nullptr);
  CHECK(state.task({9, 9}) == nullptr);
  CHECK(state.title_of({9, 9}).empty());
}

TEST_CASE("events about plans and tasks that were taken out of the files are passed over") {
  RunState state({make_plan(1, 1)});
  apply(state, event::plan_started{7, 1, 0, "gone"});
  apply(state, event::task_started{7, 1, "", "head"});
  apply(state, event::task_blocked{7, 1, "why"});
  apply(state, event::task_split{1, 9, {}});
  apply(state, event::task_completed{1, 9, "", "", false});
  CHECK(state.blocked().empty());
  CHECK(state.plans().size() == 2);
}

TEST_CASE("an event that does not fit is an error that names task and state") {
  RunState state({make_plan(1, 1)});
  const Result<void> result = state.apply({0, "", event::task_unblocked{1, 1, ""}});
  REQUIRE(result.has_error());
  CHECK(result.error().code == ErrorCode::internal);
  CHECK(result.error().message.find("\"task_unblocked\"") != std::string::npos);
  CHECK(result.error().message.find("1/1") != std::string::npos);
  CHECK(result.error().message.find("waiting") != std::string::npos);
}

TEST_CASE("a failed attempt joins the streak, a success ends it, a stop does neither") {
  RunState state = busy_phase();
  apply(state, finished(1, 1, "timed_out"));
  CHECK(state.failure_streak() == std::set<TaskAddress>{{1, 1}});
  apply(state, started(1, 1, 2));
  apply(state, finished(1, 1, "cancelled", 2));
  CHECK(state.failure_streak().size() == 1);
  // Late and repeated reports are no news.
  apply(state, finished(1, 1, "done", 1));
  CHECK(state.failure_streak().size() == 1);
  apply(state, finished(2, 1, "done"));
  CHECK(state.failure_streak().empty());
}

TEST_CASE("usage adds up over all attempts") {
  RunState state = busy_phase();
  event::attempt_finished end = finished(1, 1, "crashed");
  end.usage = {10, 20, 5, 0.5};
  apply(state, end);
  end.plan = 2;
  apply(state, end);
  CHECK(state.usage() == Usage{20, 40, 10, 1.0});
}

TEST_CASE("blocked tasks are those that are blocked now") {
  RunState state = busy_phase();
  apply(state, event::task_blocked{2, 1, "why"});
  apply(state, event::task_blocked{1, 1, "why"});
  CHECK(state.blocked() == std::set<TaskAddress>{{1, 1}, {2, 1}});
  CHECK(status_name(state.plan(1)->state) == "stopped");
  CHECK(state.is_stuck(1));
  apply(state, event::task_unblocked{1, 1, "try this"});
  CHECK(state.blocked() == std::set<TaskAddress>{{2, 1}});
  apply(state, event::task_reset{2, 1, "retry"});
  CHECK(state.blocked().empty());
  SECTION("the holistic review is a blocker of its own kind") {
    apply(state, event::holistic_finished{"fail", "why"});
    CHECK(state.blocked().empty());
    CHECK(status_name(state.holistic().state) == "blocked");
  }
}

TEST_CASE("a blocked task that is freed before it ever started waits for its turn") {
  RunState state({make_plan(1, 1, {}, 2)});
  apply(state, event::task_blocked{1, 1, "why"});
  apply(state, event::task_unblocked{1, 1, "try this"});
  CHECK(describe(state.task({1, 1})->state) == "waiting");
  apply(state, event::task_started{1, 1, "", "head"});
  CHECK(state.task({1, 1})->reason == "context");
  CHECK(state.task({1, 1})->contexts == std::vector<std::string>{"try this"});
}

TEST_CASE("attempt numbers are kept over resets and runs") {
  RunState state = busy_phase();
  apply(state, finished(1, 1, "crashed"));
  apply(state, started(1, 1, 2));
  apply(state, event::run_started{});
  apply(state, finished(1, 1, "interrupted", 2));
  apply(state, event::task_reset{1, 1, "retry"});
  CHECK(state.task({1, 1})->attempts.at(RoleName::executor) == 2);
  // What a crash of the engine cut off was no performance of the agent's.
  CHECK(state.task({1, 1})->takes.at(RoleName::executor) == 1);
}

TEST_CASE("a new run gives interrupted tasks fresh limits and leaves settled ones alone") {
  RunState state = busy_phase();
  apply(state, finished(1, 1, "crashed"));
  apply(state, event::task_needs_manual{2, 1, "why"});
  CHECK(state.task({1, 1})->crashes == 1);
  apply(state, event::run_started{});
  CHECK(state.task({1, 1})->crashes == 0);
  CHECK(describe(state.task({1, 1})->state) == "due(execute)");
  CHECK(describe(state.task({2, 1})->state) == "needs_manual");
  CHECK(status_name(state.plan(1)->state) == "waiting");
  CHECK(state.failure_streak().empty());
}

TEST_CASE("the parts of a split task stand behind it") {
  RunState state = busy_phase();
  apply(state, finished(1, 1, "done"));
  apply(state, event::status_reported{1, 1, 1, "BLOCKED", {}, "big"});
  apply(state, started(1, 1, 1, "assessor"));
  event::attempt_finished assessed = finished(1, 1, "done");
  assessed.role = "assessor";
  apply(state, assessed);
  CHECK(state.next_free_task(1) == 3);
  event::task_split split{1, 1, {{}, {}}};
  split.tasks[0].task = 3;
  split.tasks[1].task = 4;
  split.tasks[1].title = "second part";
  SECTION("in their order") {
    apply(state, split);
    CHECK(state.plan(1)->order == std::vector<int>{1, 3, 4, 2});
    CHECK(state.current_task(1)->address == TaskAddress{1, 3});
    CHECK(state.title_of({1, 4}) == "second part");
    CHECK_FALSE(state.are_tasks_completed(1));
  }
  SECTION("a number that the file took meanwhile is a mistake of the file") {
    split.tasks[1].task = 2;
    const Result<void> result = state.apply({0, "", split});
    REQUIRE(result.has_error());
    CHECK(result.error().code == ErrorCode::invalid_input);
    CHECK(result.error().message.find("001") != std::string::npos);
  }
}

TEST_CASE("what is asked again begins where the plan stands by then") {
  RunState state({make_plan(1, 1, {}, 3)});
  apply(state, event::run_started{});
  apply(state, event::plan_started{1, 1, 0, ""});
  apply(state, event::workspace_prepared{1, "base", "c0"});
  int commit = 0;
  for (const int task : {1, 2}) {
    apply(state, event::task_started{1, task, "", "c" + std::to_string(commit)});
    apply(state, started(1, task));
    event::attempt_finished end = finished(1, task, "done");
    end.commit = "c" + std::to_string(++commit);
    apply(state, end);
    apply(state, event::task_completed{1, task, end.commit, "", false});
  }
  apply(state, event::task_started{1, 3, "", "c2"});

  SECTION("the newest task goes back to its own start") {
    apply(state, event::task_reset{1, 3, "retry"});
    CHECK(state.task({1, 3})->start_commit == "c2");
  }
  SECTION("an earlier one cannot, and the ones after it no longer can either") {
    apply(state, event::task_reset{1, 1, "retry"});
    apply(state, event::task_reset{1, 3, "an earlier task runs again"});
    CHECK(state.task({1, 1})->start_commit.empty());
    CHECK(state.task({1, 3})->start_commit.empty());
    CHECK(state.plan(1)->head == "c2");
  }
  SECTION("one that was reset before keeps no start from before that") {
    apply(state, event::task_reset{1, 3, "failed in an earlier run"});
    apply(state, event::task_reset{1, 2, "retry"});
    CHECK(state.task({1, 3})->start_commit.empty());
  }
  SECTION("a plan that is opened again after its merge begins at what was merged") {
    apply(state, event::task_completed{1, 3, "c3", "", false});
    apply(state, event::merge_finished{1, "clean", "m1", {}});
    apply(state, event::plan_completed{1, false});
    apply(state, event::task_reset{1, 3, "its summary file was removed"});
    apply(state, event::plan_reopened{1, "task 001/3 runs again"});
    CHECK(state.task({1, 3})->start_commit.empty());
    apply(state, event::run_started{});
    apply(state, event::plan_started{1, 1, 0, ""});
    apply(state, event::workspace_prepared{1, "m5", "m5"});
    CHECK(state.plan(1)->head == "m5");
  }
}

TEST_CASE("the cgroups of runs that did not come to their end are known") {
  RunState state({make_plan(1, 1)});
  const auto start = [&state](const std::string& run, const std::string& cgroup) {
    event::run_started started;
    started.cgroup = cgroup;
    REQUIRE(state.apply(Event{0, run, started}).has_value());
  };
  start("run-1", "/cg/one");
  start("run-2", "");
  start("run-3", "/cg/three");
  CHECK(state.cgroups() ==
        std::map<std::string, std::string>{{"run-1", "/cg/one"}, {"run-3", "/cg/three"}});
  // It removed what those before it had left.
  apply(state, event::run_finished{0, "completed", "none", ""});
  CHECK(state.cgroups().empty());
}

TEST_CASE("the result of the newest run is the one that counts") {
  RunState state({make_plan(1, 1)});
  apply(state, event::run_started{"01", "1", "host", 7, 1, 4, "waves", "worktree"});
  REQUIRE(state.last_run() != nullptr);
  CHECK(state.last_run()->pid == 7);
  CHECK(state.last_run_id() == "run-1");
  CHECK(state.last_result() == nullptr);
  apply(state, event::breaker_tripped{"blocked", {}});
  CHECK(state.breaker() == "blocked");
  apply(state, event::run_finished{3, "circuit_breaker", "none", ""});
  REQUIRE(state.last_result() != nullptr);
  CHECK(state.last_result()->exit == 3);
  apply(state, event::run_started{});
  CHECK(state.last_result() == nullptr);
  CHECK(state.breaker() == std::nullopt);
}

TEST_CASE("events name what they are about") {
  CHECK(subject_of(event::run_finished{}) == std::nullopt);
  CHECK(subject_of(event::wave_started{2}) == std::nullopt);
  CHECK(subject_of(event::plan_skipped{3, ""}) == TaskAddress{3, 0});
  CHECK(subject_of(event::task_failed{3, 2, ""}) == TaskAddress{3, 2});
}
