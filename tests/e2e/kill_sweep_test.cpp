// SPDX-License-Identifier: MIT
// The engine is killed at every single point where a kill can leave something half done, and
// continued. Whatever the point, the end is that of a run that nobody disturbed.
#include <signal.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "e2e/aftermath.hpp"
#include "e2e/kill_point.hpp"
#include "e2e/scenario.hpp"
#include "support/in_memory.hpp"
#include "support/overlays.hpp"

using e2e::Aftermath;
using e2e::arm;
using e2e::disarm;
using e2e::last_point;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;

namespace {

constexpr int kShards = 8;

// A phase to sweep over, and how many attempts it has under way at once.
struct Phase {
  void (*make)(Scenario&);
  std::size_t attempts_at_once;
  e2e::Where where = e2e::Where::in_repository;

  [[nodiscard]] Aftermath aftermath(const Scenario& scenario) const {
    Aftermath found = e2e::aftermath_of(scenario);
    if (attempts_at_once > 1) found.erase(e2e::kHistory);
    return found;
  }
};

// One wave after the other. A spec review rejects once, and the second wave changes a file that is
// there already.
void make_phase_in_waves(Scenario& scenario) {
  scenario.plans_in_waves({{Task{"drafts; spec rejects drafts"}},
                           {Task{"drafts", "`README.md`, `new/deep/file.txt`"}}});
}

// Two plans side by side, which have to be merged, one of them with two tasks; a holistic review
// that rejects once.
void make_phase_side_by_side(Scenario& scenario) {
  Plan plan;
  plan.tasks = {Task{"drafts"}, Task{"drafts"}};
  scenario.plan(plan);
  plan.number = 2;
  plan.tasks = {Task{"drafts"}};
  scenario.plan(plan);
  scenario.holistic("drafts; holistic rejects drafts");
  scenario.set("roles.spec-reviewer.enabled", "false");
}

// Two plans that write the same file, whose conflict is fixed, and one after them that gets the
// tree of one of them. The result stays out of the user's history.
void make_phase_with_conflict(Scenario& scenario) {
  Plan plan;
  plan.tasks = {Task{"signs; meets 2", "`shared.txt`"}};
  scenario.plan(plan);
  plan.number = 2;
  scenario.plan(plan);
  plan.number = 3;
  plan.wave = 2;
  plan.tasks = {Task{"drafts"}};
  scenario.plan(plan);
  scenario.set("features.code_review", "false");
  scenario.set("git.auto_commit", "false");
}

// Two tasks, the first of which fails once, and nothing besides: few enough calls to kill at each.
void make_two_tasks(Scenario& scenario) {
  Plan plan;
  plan.tasks = {Task{"crash once; drafts"}, Task{"drafts"}};
  scenario.plan(plan);
  scenario.set("features.code_review", "false");
}

// One wave after the other, in work trees that are overlays.
void make_phase_on_overlays(Scenario& scenario) {
  make_phase_in_waves(scenario);
  scenario.set("git.overlay", "true");
}

constexpr Phase kOnOverlays = {make_phase_on_overlays, 1};
constexpr Phase kWithConflict = {make_phase_with_conflict, 2};
constexpr Phase kInWaves = {make_phase_in_waves, 1};
constexpr Phase kSideBySide = {make_phase_side_by_side, 2};
constexpr Phase kTwoTasks = {make_two_tasks, 1};
constexpr Phase kInPlace = {make_phase_in_waves, 1, e2e::Where::outside_of_git};

// Runs the phase to its `at`-th point, or to its end when it has none; true when it was killed.
bool run_to(Scenario& scenario, const std::string& points, long at) {
  arm(scenario, points, at);
  const e2e::Ended ended = scenario.execute();
  disarm(scenario);
  if (ended.exit != -SIGKILL) REQUIRE(ended.exit == 0);
  return ended.exit == -SIGKILL;
}

struct Undisturbed {
  Aftermath aftermath;
  std::size_t attempts = 0;
  long points = 0;
};

Undisturbed run_undisturbed(const Phase& phase, const std::string& points) {
  Scenario scenario(phase.where);
  phase.make(scenario);
  REQUIRE_FALSE(run_to(scenario, points, 0));
  Undisturbed run;
  run.points = std::stol(last_point(scenario));
  run.aftermath = phase.aftermath(scenario);
  run.attempts = e2e::count_attempts(scenario);
  return run;
}

void require_same_end(const Phase& phase, Scenario& scenario, const Undisturbed& expected,
                      std::size_t kills) {
  const e2e::Ended ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(e2e::repeated_tasks(scenario) == "");
  CHECK(e2e::difference(expected.aftermath, phase.aftermath(scenario)) == "");
  const std::size_t attempts = e2e::count_attempts(scenario);
  CHECK(attempts >= expected.attempts);
  CHECK(attempts <= expected.attempts + kills * phase.attempts_at_once);
}

// Kills at the shard's share of all points. How many a run has differs by a few: the sweep goes on
// until there is no such point.
void sweep(const Phase& phase, int shard,
           const std::function<void(Scenario&, long)>& before_the_end = {},
           const std::string& points = "all") {
  const konductor::test::InMemory in_memory;
  const Undisturbed expected = run_undisturbed(phase, points);
  REQUIRE(expected.points > 100);
  for (long at = 1 + shard;; at += kShards) {
    Scenario scenario(phase.where);
    phase.make(scenario);
    const bool was_killed = run_to(scenario, points, at);
    if (!was_killed && at > expected.points) return;
    const std::string point = last_point(scenario);
    CAPTURE(point);
    if (before_the_end) before_the_end(scenario, at);
    require_same_end(phase, scenario, expected, 1);
  }
}

// Kills at every commit, and the run that continues somewhere in its first points, where it puts
// things in order.
void sweep_twice(const Phase& phase) {
  constexpr long kStride = 7;
  constexpr long kSecondMax = 60;
  const konductor::test::InMemory in_memory;
  const Undisturbed expected = run_undisturbed(phase, "commits");
  for (long at = 1;; ++at) {
    Scenario scenario(phase.where);
    phase.make(scenario);
    const bool was_killed = run_to(scenario, "commits", at);
    if (!was_killed && at > expected.points) return;
    const std::string first = last_point(scenario);
    run_to(scenario, "all", 1 + at * kStride % kSecondMax);
    const std::string second = last_point(scenario);
    CAPTURE(first, second);
    require_same_end(phase, scenario, expected, 2);
  }
}

}  // namespace

#define SHARDS ((int shard), shard), 0, 1, 2, 3, 4, 5, 6, 7

TEMPLATE_TEST_CASE_SIG("an engine killed at any point of its waves comes to the same end",
                       "[sweep]", SHARDS) {
  sweep(kInWaves, shard);
}

TEMPLATE_TEST_CASE_SIG("an engine killed at any point of parallel plans comes to the same end",
                       "[sweep]", SHARDS) {
  sweep(kSideBySide, shard);
}

TEMPLATE_TEST_CASE_SIG("an engine killed at any point of a merge conflict comes to the same end",
                       "[sweep]", SHARDS) {
  sweep(kWithConflict, shard);
}

// Every other time the run goes on without overlays.
TEMPLATE_TEST_CASE_SIG("an engine killed at any point on overlays comes to the same end", "[sweep]",
                       SHARDS) {
  if (!konductor::test::has_overlays()) return;
  sweep(kOnOverlays, shard, [](Scenario& scenario, long at) {
    if (at % 16 > 8) scenario.with_environment("KONDUCTOR_GIT_OVERLAY", "false");
  });
}

TEMPLATE_TEST_CASE_SIG("an engine killed at any point outside of git comes to the same end",
                       "[sweep]", SHARDS) {
  sweep(kInPlace, shard);
}

// Each call that changes a file, or starts, signals or awaits a process; what only looks leaves
// nothing that a kill before it would not.
TEMPLATE_TEST_CASE_SIG("an engine killed at any call of two tasks comes to the same end", "[calls]",
                       SHARDS) {
  sweep(kTwoTasks, shard, {}, "calls");
}

TEST_CASE("an engine killed at a commit and again while it recovers comes to the same end") {
  SECTION("in waves") {
    sweep_twice(kInWaves);
  }
  SECTION("with parallel plans") {
    sweep_twice(kSideBySide);
  }
  SECTION("with a merge conflict") {
    sweep_twice(kWithConflict);
  }
  SECTION("outside of git") {
    sweep_twice(kInPlace);
  }
  SECTION("on overlays") {
    if (konductor::test::has_overlays()) sweep_twice(kOnOverlays);
  }
}
