// SPDX-License-Identifier: MIT
#include "engine/estimate.hpp"

#include <catch2/catch.hpp>

#include "support/run_simulator.hpp"

using namespace konductor;
using namespace konductor::test;

namespace {

RunRules rules_of(ScheduleMode schedule, int slots) {
  RunRules rules;
  rules.schedule = schedule;
  rules.max_wave_parallelism = slots;
  rules.durations.typical = 10;
  rules.durations.count = 3;
  return rules;
}

}  // namespace

TEST_CASE("a plan is as long as its open tasks took before, or as tasks usually take") {
  const RunState state({make_plan(1, 1, {}, 3)});
  TaskDurations durations;
  CHECK(expected_length(state, 1, durations) == 3);
  durations.typical = 10;
  durations.own[{1, 2}] = 25;
  CHECK(expected_length(state, 1, durations) == 45);
}

TEST_CASE("the expected time follows the schedule and the slots") {
  // 1 ─▶ 3 ─▶ 4, and 2 beside them.
  const RunState state(
      {make_plan(1, 1), make_plan(2, 1, {}, 3), make_plan(3, 2, {1}), make_plan(4, 3, {3})});
  CHECK(expected_makespan(state, rules_of(ScheduleMode::dependencies, 2), {}) == 30);
  CHECK(expected_makespan(state, rules_of(ScheduleMode::waves, 2), {}) == 50);
  CHECK(expected_makespan(state, rules_of(ScheduleMode::dependencies, 1), {}) == 60);
  RunScope scope;
  scope.plan = 2;
  CHECK(expected_makespan(state, rules_of(ScheduleMode::waves, 4), scope) == 30);
  RunRules in_place = rules_of(ScheduleMode::waves, 4);
  in_place.runs_plans_alone = true;
  CHECK(expected_makespan(state, in_place, {}) == 60);
}

TEST_CASE("what has passed of a task that is under way is not expected again") {
  const RunState state({make_plan(1, 1, {}, 2), make_plan(2, 2, {1})});
  const RunRules rules = rules_of(ScheduleMode::waves, 2);
  CHECK(expected_length(state, 1, rules.durations, {{{1, 1}, 4.0}}) == 16);
  CHECK(expected_makespan(state, rules, {}, {{{1, 1}, 4.0}}) == 26);
  // One that takes longer than expected may end any moment.
  CHECK(expected_makespan(state, rules, {}, {{{1, 1}, 400.0}}) == 20);
}

TEST_CASE("nothing is expected of what was never timed") {
  const RunState state({make_plan(1, 1)});
  CHECK(expected_makespan(state, RunRules{}, {}) == 0);
}

TEST_CASE("the longest remaining path goes first by recorded durations") {
  RunSimulator sim({make_plan(1, 1), make_plan(2, 1), make_plan(3, 1, {}, 2)});
  sim.rules.schedule = ScheduleMode::dependencies;
  sim.rules.max_wave_parallelism = 1;
  sim.rules.is_review_enabled = false;
  sim.rules.durations.typical = 10;
  sim.rules.durations.own[{2, 1}] = 100;
  CHECK(sim.run() == 0);
  CHECK(sim.merge_order == std::vector<int>{2, 3, 1});
}
