// SPDX-License-Identifier: MIT
#include "cli/run_progress.hpp"

#include <catch2/catch.hpp>

#include "samples.hpp"

using namespace konductor;
using namespace konductor::cli;
namespace event = konductor::engine::event;

namespace {

constexpr std::int64_t kStart = 1'769'860'800'000;

// A run as an observer is told of it: each event is in the state already.
struct ToldRun {
  engine::RunState state = samples::fresh_state();
  ProgressFold fold;

  explicit ToldRun(const engine::RunScope& scope = {}, engine::TaskDurations durations = {})
      : fold("01", std::move(durations)) {
    fold.start(state);
    event::run_started started{"01", "0.1.0", "box", 1, 1, 4, "waves", "worktree"};
    engine::tell_scope(scope, started);
    tell(0, started);
  }

  void tell(std::int64_t seconds, engine::EventBody body) {
    const engine::Event told{kStart + seconds * 1000, "r1", std::move(body)};
    REQUIRE(state.apply(told).has_value());
    if (fold.apply(told)) fold.count(told.time);
  }
  const RunProgress& progress() const { return fold.progress(); }
  const PlanProgress& line(int plan) const { return fold.progress().running.at(plan); }
};

}  // namespace

TEST_CASE("a plan has a line from its start to its end") {
  ToldRun run;
  CHECK(run.progress().running.empty());
  run.tell(1, event::plan_started{1, 1, 0, "Plan 1"});
  CHECK(run.line(1).step == "preparing its workspace");
  CHECK(run.line(1).title == "Plan 1");
  run.tell(2, event::workspace_prepared{1, "c0", "c0", "/tree"});
  run.tell(3, event::task_started{1, 1, "Task \x1b[31m1", "c0"});
  CHECK(run.line(1).task == TaskAddress{1, 1});
  CHECK(run.line(1).title == "Task 1");
  run.tell(4, samples::started(1, 1));
  CHECK(run.line(1).step == "executor works");
  CHECK(run.line(1).role == "executor");
  run.tell(30, samples::finished(1, 1));
  CHECK(run.line(1).role.empty());
  run.tell(30, event::status_reported{1, 1, 1, "DONE", {}, ""});
  CHECK(run.line(1).step == "checking its work");
  run.tell(31, event::gate_checked{1, 1, true, "gates", {}, {}, {}});
  run.tell(31, event::task_completed{1, 1, "c1", "f", false});
  CHECK(run.line(1).step == "merging");
  CHECK(run.progress().tasks == 4);
  CHECK(run.progress().tasks_completed == 1);
  run.tell(33, event::plan_completed{1, false});
  CHECK(run.progress().running.empty());
  CHECK(run.progress().usage.input_tokens == 100);
  run.tell(34, event::run_finished{0, "complete", "none", ""});
  CHECK(run.progress().is_over);
}

TEST_CASE("a plan that a task stopped has no line any more") {
  ToldRun run;
  run.tell(1, event::plan_started{1, 1, 0, "Plan 1"});
  run.tell(2, event::task_started{1, 1, "Task 1", "c0"});
  run.tell(3, samples::started(1, 1));
  auto crashed = samples::finished(1, 1);
  crashed.cause = "crashed";
  run.tell(4, crashed);
  CHECK(run.line(1).step == "executor: crashed");
  run.tell(4, event::task_failed{1, 1, "crashed"});
  CHECK(run.progress().running.empty());
  CHECK(run.progress().tasks_open == 1);
}

TEST_CASE("what an attempt does is told while it runs, and of no other") {
  ToldRun run;
  run.tell(1, event::plan_started{1, 1, 0, "Plan 1"});
  run.tell(2, event::task_started{1, 1, "Task 1", "c0"});
  run.tell(3, samples::started(1, 1));
  CHECK(run.fold.set_activity({1, 1}, "executor", "Edit a.cpp", {50, 5, 0, 0.5}));
  CHECK_FALSE(run.fold.set_activity({1, 1}, "executor", "Edit a.cpp", {50, 5, 0, 0.5}));
  CHECK_FALSE(run.fold.set_activity({1, 1}, "code-reviewer", "Read a.cpp", {}));
  CHECK_FALSE(run.fold.set_activity({2, 1}, "executor", "Read b.cpp", {}));
  CHECK(run.line(1).activity == "Edit a.cpp");
  CHECK(usage_of(run.line(1)).input_tokens == 50);
  CHECK(usage_of(run.progress()).cost_usd == 0.5);
  run.tell(9, samples::finished(1, 1));
  CHECK(run.line(1).activity.empty());
  // What it told while it ran is part of what it told at its end.
  CHECK(usage_of(run.line(1)).input_tokens == 100);
  CHECK(usage_of(run.progress()).input_tokens == 100);
}

TEST_CASE("waves are those of what is under way, else the next") {
  ToldRun run;
  run.tell(1, event::wave_started{1});
  CHECK(run.progress().first_wave == 1);
  CHECK(run.progress().waves == 2);
  run.tell(2, event::plan_started{1, 1, 0, "Plan 1"});
  run.tell(3, event::plan_started{3, 2, 1, "Plan 3"});
  CHECK(run.progress().first_wave == 1);
  CHECK(run.progress().last_wave == 2);
}

TEST_CASE("the rest is expected to take what tasks took before, less what has passed") {
  engine::TaskDurations durations;
  durations.typical = 60;
  durations.count = 3;
  durations.own[{2, 2}] = 120;
  ToldRun run({}, durations);
  // Plans 1 (60 s) and 2 (60 s + 120 s) side by side, then plan 3.
  REQUIRE(run.progress().rest_seconds.has_value());
  CHECK(*run.progress().rest_seconds == 240);
  run.tell(1, event::plan_started{2, 1, 0, "Plan 2"});
  run.tell(1, event::task_started{2, 1, "Task 1", "c0"});
  run.tell(41, event::plan_started{1, 1, 1, "Plan 1"});
  CHECK(*run.progress().rest_seconds == 200);
  CHECK(run.progress().rest_at == kStart + 41'000);
}

TEST_CASE("without a record the first task that is done says what the others will take") {
  ToldRun run;
  CHECK_FALSE(run.progress().rest_seconds.has_value());
  run.tell(0, event::plan_started{1, 1, 0, "Plan 1"});
  run.tell(0, event::task_started{1, 1, "Task 1", "c0"});
  run.tell(0, samples::started(1, 1));
  run.tell(30, samples::finished(1, 1));
  run.tell(30, event::task_completed{1, 1, "c1", "f", false});
  REQUIRE(run.progress().rest_seconds.has_value());
  CHECK(*run.progress().rest_seconds == 90);
}

TEST_CASE("a narrowed run counts what it was narrowed to") {
  engine::RunScope scope;
  scope.plan = 2;
  ToldRun run(scope);
  CHECK(run.progress().tasks == 2);
  scope.only = TaskAddress{2, 2};
  ToldRun narrower(scope);
  CHECK(narrower.progress().tasks == 1);
}

TEST_CASE("an attempt that waits for a limit says for how long") {
  ToldRun run;
  run.tell(1, event::plan_started{1, 1, 0, "Plan 1"});
  run.tell(2, event::task_started{1, 1, "Task 1", "c0"});
  run.tell(3, samples::started(1, 1));
  auto refused = samples::finished(1, 1);
  refused.cause = "quota";
  run.tell(4, refused);
  run.tell(4, event::quota_waiting{1, 1, "fake", "quota", kStart + 60'000});
  auto again = samples::started(1, 1);
  again.attempt = 2;
  run.tell(4, again);
  CHECK(run.line(1).waits_for == "fake");
  CHECK(run.line(1).waits_until == kStart + 60'000);
}

TEST_CASE("a stop says what is waited for") {
  ToldRun run;
  CHECK(under_way_text(run.progress()).empty());
  run.tell(1, event::plan_started{1, 1, 0, "Plan 1"});
  run.tell(1, event::plan_started{2, 1, 1, "Plan 2"});
  run.tell(2, event::task_started{1, 1, "Task 1", "c0"});
  run.tell(3, samples::started(1, 1));
  CHECK(under_way_text(run.progress()) == "01/001/1 executor, 01/002 preparing its workspace");
}
