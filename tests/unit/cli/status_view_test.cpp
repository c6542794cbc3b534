// SPDX-License-Identifier: MIT
#include "cli/status_view.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/schema_checker.hpp"
#include "unit/cli/samples.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;

namespace {

StatusView view_of(engine::RunState state) {
  StatusView view;
  view.project = "calculator";
  view.phase = "01";
  view.directory_name = "01-calculator";
  view.step = "executing";
  view.progress.has_journal = state.has_events();
  view.progress.state = std::move(state);
  return view;
}

platform::LastRun run_that(const std::string& outcome, int exit) {
  platform::LastRun run;
  run.run = "r1";
  run.started_at = 1'769'860'800'000;
  run.finished_at = run.started_at + 1000;
  run.finished = engine::event::run_finished{exit, outcome, "none", ""};
  return run;
}

engine::RunState complete_state() {
  namespace event = engine::event;
  engine::RunState state({samples::define(1, 1, {}, 1)});
  samples::apply(state, {event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "worktree"},
                         event::task_completed{1, 1, "c1", "f", true},
                         event::plan_completed{1, false}, event::holistic_finished{"pass", ""}});
  return state;
}

}  // namespace

TEST_CASE("status shows waves, states and counts") {
  const std::string text = status_text(view_of(samples::mixed_state()));
  CHECK_THAT(text, Contains("project calculator\nphase 01-calculator: executing\n"));
  CHECK_THAT(text, Contains("1 of 3 plans and 1 of 4 tasks complete"));
  CHECK_THAT(text, Contains("wave 1\n  01/001  Plan 1  completed     1/1\n"
                            "  01/002  Plan 2  needs_manual  0/2\nwave 2\n"
                            "  01/003  Plan 3  skipped       0/1\n"));
}

TEST_CASE("status gives the very command for what is stuck") {
  StatusView view = view_of(samples::mixed_state());
  view.progress.last_run = run_that("blocked", 4);
  const std::string text = status_text(view);
  CHECK_THAT(text, Contains("01/002/2  the staging database is unknown\n"
                            "      konductor unblock 01/002/2 --context \"…\"\n"));
  CHECK_THAT(text, Contains("01/002/1  two reviews failed\n"
                            "      konductor execute 01 --retry 01/002/1\n"));
  CHECK_THAT(text, Contains("last run: r1, 2026-01-31T12:00:00.000Z, blocked (exit 4)\n"));
  CHECK_THAT(text, Contains("next: free what is blocked: konductor unblock 01/002/2"));
}

TEST_CASE("what an engine left running is only running while one lives") {
  engine::RunState state = samples::fresh_state();
  samples::apply(state, {engine::event::run_started{}, engine::event::plan_started{1, 1, 0, "P"},
                         engine::event::task_started{1, 1, "T", "c"}, samples::started(1, 1)});
  StatusView view = view_of(std::move(state));
  CHECK_THAT(status_text(view), Contains("interrupted") && !Contains("01/001/1 executor"));
  view.holder = LockHolder{4711, "box", "2026-01-31T12:00:00Z", true};
  const std::string text = status_text(view);
  CHECK_THAT(text, Contains("running now: pid 4711 on box, since 2026-01-31T12:00:00Z\n"));
  CHECK_THAT(text, Contains("running  0/1  01/001/1 executor"));
  CHECK(next_step(view) == "wait for the engine that runs the phase");
}

TEST_CASE("the next step follows from where the phase stands") {
  StatusView view = view_of(samples::fresh_state());
  CHECK(next_step(view) == "start: konductor execute 01");
  CHECK_THAT(status_text(view), Contains("never executed\n"));
  view.plan_errors = 2;
  CHECK(next_step(view) == "mend the plans: konductor plan check 01");
  view = view_of(complete_state());
  CHECK(next_step(view) == "go on: konductor execute 01");
  view.progress.last_run = run_that("complete", 0);
  CHECK(next_step(view) == "nothing: the phase is complete");
  view.progress.last_run->finished->delivery = "kept";
  view.progress.last_run->finished->command = "git merge konductor/01/main";
  CHECK(next_step(view) == "bring the result home: git merge konductor/01/main");
  CHECK_THAT(status_text(view),
             Contains("holistic review passed") && Contains("git merge konductor/01/main"));
}

TEST_CASE("a phase without plans asks for one") {
  const StatusView view = view_of(engine::RunState());
  CHECK_THAT(next_step(view), Contains(".konductor/phases/01-calculator/plans/001.md"));
  CHECK_THAT(status_text(view), Contains("0 of 0 plans") && !Contains("wave"));
}

TEST_CASE("status as JSON tells the same") {
  StatusView view = view_of(samples::mixed_state());
  auto json = status_json(view);
  CHECK(json["schema_version"] == 1);
  CHECK(json["command"] == "status");
  CHECK(json["exit"] == 0);
  CHECK(json["engine"].is_null());
  CHECK(json["last_run"].is_null());
  CHECK(json["tasks_completed"] == 1);
  CHECK(json["plans"].size() == 3);
  CHECK(json["plans"][1]["address"] == "01/002");
  CHECK(json["blockers"][0]["task"] == "01/002/2");
  CHECK(json["skipped"][0]["plan"] == "01/003");
  view.holder = LockHolder{4711, "box", "", true};
  view.progress.last_run = run_that("blocked", 4);
  json = status_json(view);
  CHECK(json["engine"]["pid"] == 4711);
  CHECK(json["last_run"]["outcome"] == "blocked");
  CHECK(json["blockers"][0]["command"] == "konductor unblock 01/002/2 --context \"…\"");
  CHECK(json["skipped"][0]["command"].is_null());
  test::SchemaChecker("status.schema.json").check(json);
}

TEST_CASE("a plan that waits to be allowed gives the command for it") {
  engine::PlanDefinition plan = samples::define(1, 1, {}, 1);
  plan.autonomous = false;
  engine::RunState state({plan});
  samples::apply(
      state, {engine::event::run_started{},
              engine::event::plan_skipped{1, "is not autonomous; allow it with --approve 001"}});
  StatusView view = view_of(std::move(state));
  CHECK_THAT(status_text(view), Contains("      konductor execute 01 --approve 01/001\n"));
  CHECK(next_step(view) == "allow what waits for you: konductor execute 01 --approve 01/001");
}

TEST_CASE("status tells since when attempts run, what they wait for and what the run cost") {
  namespace event = engine::event;
  engine::RunState state = samples::fresh_state();
  StatusFold fold;
  std::int64_t now = 1'769'860'800'000;
  const auto happens = [&](engine::EventBody body) {
    const engine::Event event{now += 1000, "r1", std::move(body)};
    REQUIRE(state.apply(event).has_value());
    fold.apply(event);
  };
  happens(event::run_started{});
  for (const int plan : {1, 2}) {
    happens(event::plan_started{plan, 1, 0, "P"});
    happens(event::task_started{plan, 1, "T", "c"});
    happens(samples::started(plan, 1));
  }
  happens(samples::finished(1, 1));
  happens(event::quota_waiting{2, 1, "fake", "quota", now + 100'000});
  happens(event::budget_reached{0, 0, "phase", "usd", 5, 5});
  StatusView view = view_of(std::move(state));
  view.holder = LockHolder{4711, "box", "", true};
  view.now = now + 60'000;
  view.progress.last_run = run_that("complete", 0);
  view.progress.last_run->finished.reset();
  fold.finish(view);
  const std::string text = status_text(view);
  CHECK_THAT(text, Contains("01/002/1 executor for 1 min 3 s\n"));
  CHECK_THAT(text, Contains("fake waits for its provider (quota) until 2026-01-31T12:01:"));
  CHECK_THAT(text, Contains("the budget of phase 01 is reached (usd)\n"));
  CHECK_THAT(text, Contains(", 1 attempt for $0.2500, goes on\n"));
  const auto json = status_json(view);
  CHECK(json["running"][0]["task"] == "01/002/1");
  test::SchemaChecker("status.schema.json").check(json);
  CHECK_THAT(status_text(view, Paint(true)), Contains("\x1b[1m"));
  CHECK_THAT(text, !Contains("\x1b"));
}
