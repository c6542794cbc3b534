// SPDX-License-Identifier: MIT
// What a run finds, and what it makes of it before it goes on.
#include "engine/recovery.hpp"

#include <catch2/catch.hpp>

#include "support/run_simulator.hpp"

using namespace konductor;
using namespace konductor::test;

namespace {

using Lines = std::vector<std::string>;

RunSimulator unreviewed(std::vector<PlanDefinition> plans) {
  RunSimulator sim(std::move(plans));
  sim.rules.is_review_enabled = false;
  return sim;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Lines resets(const RunSimulator& sim) {
  Lines lines;
  for (const auto& reset : sim.events<event::task_reset>())
    lines.push_back(std::to_string(reset.plan) + "/" + std::to_string(reset.task) + " " +
                    reset.reason);
  return lines;
}

void steps_until_attempts(RunSimulator& sim, std::size_t count) {
  REQUIRE(sim.start().has_value());
  while (sim.attempts.size() < count)
    sim.step();
}

}  // namespace

// --- A run after an interrupted one ---

TEST_CASE("an interrupted attempt is closed and its task goes on at the stage it was in") {
  RunSimulator sim({make_plan(1, 1)});
  const std::vector<std::pair<std::size_t, std::string>> stages = {
      {1, "1/1 executor execute"},       {2, "1/1 spec-reviewer review"},
      {3, "1/1 executor spec_fix"},      {5, "1/1 code-reviewer review"},
      {6, "1/1 executor quality_fix"},   {8, "phase code-reviewer holistic"},
      {9, "phase executor holistic_fix"}};
  const auto [count, line] = GENERATE_COPY(from_range(stages));
  INFO(line);
  sim.world.say({1, 1}, Action::review_spec, {reject()});
  sim.world.say({1, 1}, Action::review_quality, {reject()});
  sim.world.say(kPhaseAddress, Action::review_holistic, {reject()});
  steps_until_attempts(sim, count);
  const command::start_attempt cut_off = sim.attempts.back();
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines().at(0) == line);
  CHECK(sim.attempts.at(0).attempt == cut_off.attempt + 1);
  CHECK(sim.attempts.at(0).take == cut_off.take);
  const auto finished = sim.events<event::attempt_finished>();
  CHECK(std::count_if(finished.begin(), finished.end(), [&](const auto& e) {
          return e.cause == "interrupted" && e.reason == cut_off.reason;
        }) == 1);
}

TEST_CASE("an attempt that outlived its engine is gone on with at whatever stage it was") {
  RunSimulator sim({make_plan(1, 1)});
  const std::vector<std::pair<std::size_t, TaskAddress>> stages = {
      {1, {1, 1}}, {2, {1, 1}}, {3, {1, 1}}, {5, {1, 1}}, {8, kPhaseAddress}, {9, kPhaseAddress}};
  const auto [count, address] = GENERATE_COPY(from_range(stages));
  INFO(count);
  sim.world.say({1, 1}, Action::review_spec, {reject()});
  sim.world.say({1, 1}, Action::review_quality, {reject()});
  sim.world.say(kPhaseAddress, Action::review_holistic, {reject()});
  steps_until_attempts(sim, count);
  const command::start_attempt left = sim.attempts.back();
  sim.adoptable = {address};
  // Also the second time.
  for (int crash = 0; crash < 2; ++crash) {
    sim.crash();
    REQUIRE(sim.start().has_value());
    while (sim.attempts.empty())
      sim.step();
    CHECK(sim.attempts.at(0).is_adopted);
    CHECK(sim.attempts.at(0).action == left.action);
    CHECK(sim.attempts.at(0).attempt == left.attempt);
    CHECK(sim.attempts.at(0).take == left.take);
  }
  while (!sim.is_over())
    sim.step();
  const auto adopted = sim.events<event::attempt_adopted>();
  REQUIRE(adopted.size() == 2);
  CHECK(adopted.at(0).started_in == adopted.at(1).started_in);
  CHECK(adopted.at(0).started_in == "run-1");
  const auto finished = sim.events<event::attempt_finished>();
  CHECK(std::none_of(finished.begin(), finished.end(),
                     [](const auto& e) { return e.cause == "interrupted"; }));
  CHECK(sim.describe_task(1, 1) == "completed");
}

TEST_CASE("an attempt that outlived its engine is ended when its task has to begin again") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  steps_until_attempts(sim, 2);
  sim.adoptable = {{1, 2}};
  sim.crash();
  sim.retry.tasks = {GENERATE(TaskAddress{1, 1}, TaskAddress{1, 2})};
  CHECK(sim.run() == 0);
  CHECK(sim.events<event::attempt_adopted>().empty());
  const auto finished = sim.events<event::attempt_finished>();
  CHECK(std::count_if(finished.begin(), finished.end(),
                      [](const auto& e) { return e.cause == "interrupted"; }) == 1);
}

TEST_CASE("a review of the phase that outlived its engine is ended when there is more to review") {
  RunSimulator sim({make_plan(1, 1)});
  steps_until_attempts(sim, 4);
  REQUIRE(sim.attempt_lines().at(3) == "phase code-reviewer holistic");
  sim.adoptable = {kPhaseAddress};
  sim.crash();
  SECTION("a task runs again") {
    sim.retry.tasks = {{1, 1}};
  }
  SECTION("a task was added") {
    sim.plans[0].tasks.push_back({2, "new", "text-2"});
  }
  SECTION("a plan was added") {
    sim.plans.push_back(make_plan(2, 1));
  }
  CHECK(sim.run() == 0);
  CHECK(sim.events<event::attempt_adopted>().empty());
  const auto finished = sim.events<event::attempt_finished>();
  CHECK(std::count_if(finished.begin(), finished.end(), [](const auto& e) {
          return e.cause == "interrupted" && e.reason == "holistic";
        }) == 1);
  CHECK(sim.attempt_lines().back() == "phase code-reviewer holistic");
  CHECK_FALSE(sim.attempts.back().is_adopted);
}

TEST_CASE("attempts that outlived their engine keep their slots whichever plan is first") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1), make_plan(3, 1)});
  sim.rules.max_wave_parallelism = 3;
  steps_until_attempts(sim, 3);
  std::map<int, int> slots;
  for (const command::start_attempt& attempt : sim.attempts)
    slots[attempt.address.plan] = attempt.slot;
  sim.crash();
  // The first plan's died with the engine.
  sim.adoptable = {{2, 1}, {3, 1}};
  REQUIRE(sim.start().has_value());
  while (sim.attempts.size() < 3)
    sim.step();
  for (const command::start_attempt& attempt : sim.attempts) {
    CHECK(attempt.is_adopted == (attempt.address.plan != 1));
    CHECK(attempt.slot == slots.at(attempt.address.plan));
  }
}

TEST_CASE("an interrupted retry is a fresh dispatch") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.world.say({1, 1}, Action::execute, {crash(), crash(), done()});
  steps_until_attempts(sim, 2);
  sim.crash();
  // Two failures are allowed again: the limit is that of this run.
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 executor retry"});
}

TEST_CASE("a failed task runs again from the start with fresh limits") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  sim.world.say({1, 1}, Action::execute, {crash(), crash(), crash(), done()});
  CHECK(sim.run() == 1);
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() ==
        Lines{"1/1 executor execute", "1/1 executor retry", "1/2 executor execute"});
  CHECK(sim.attempts.at(0).attempt == 3);
  CHECK(resets(sim) == Lines{"1/1 failed in an earlier run"});
}

TEST_CASE("blocked and needs_manual tasks are left alone until somebody asks") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2), make_plan(2, 1, {}, 2)});
  sim.rules.is_assessor_enabled = false;
  sim.world.say({1, 1}, Action::execute, {stuck()});
  sim.world.gates[{2, 1}] = {gate_finding(), gate_finding(), gate_finding()};
  CHECK(sim.run() == 4);
  CHECK(sim.describe_task(2, 1) == "needs_manual");

  SECTION("nobody") {
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.empty());
    CHECK(resets(sim).empty());
  }
  SECTION("all blocked ones") {
    sim.retry.all_blocked = true;
    CHECK(sim.run() == 1);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/2 executor execute"});
    CHECK(sim.describe_plan(1) == "completed");
  }
  SECTION("one by its address") {
    sim.retry.tasks = {{2, 1}};
    CHECK(sim.run() == 4);
    CHECK(sim.attempt_lines() == Lines{"2/1 executor execute"});
    CHECK(sim.describe_plan(2) == "completed");
  }
  SECTION("unblocked with context") {
    sim.journal.push_back({0, "", event::task_unblocked{1, 1, "the key"}});
    CHECK(sim.run() == 1);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor context", "1/2 executor execute"});
  }
}

TEST_CASE("a task to retry has to exist") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.retry.tasks = {{1, 7}};
  const auto started = sim.start();
  REQUIRE(started.has_error());
  CHECK(started.error().code == ErrorCode::invalid_input);
  CHECK(contains(started.error().message, "001/7"));
}

TEST_CASE("a plan to retry has to have a merge that was given up") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1)});
  std::string why;
  SECTION("not one that is not there") {
    sim.retry.tasks = {{7, 0}};
    why = "no plan 007";
  }
  SECTION("not one that did not run") {
    sim.retry.tasks = {{1, 0}};
    why = "plan 001 has nothing to retry: its merge has not failed";
  }
  SECTION("not one that is complete") {
    sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
    CHECK(sim.run() == 0);
    sim.retry.tasks = {{1, 0}};
    why =
        "plan 001 has nothing to retry: it is complete (a task of it runs again with --retry "
        "001/1)";
  }
  SECTION("not one whose fix was cut off") {
    sim.world.merges[1] = {{1, "conflict", "i1", {"a.cpp"}}};
    steps_until_attempts(sim, 3);
    sim.crash();
    sim.retry.tasks = {{1, 0}};
    why = "goes on without it";
  }
  const auto started = sim.start();
  REQUIRE(started.has_error());
  CHECK(started.error().code == ErrorCode::invalid_input);
  CHECK_THAT(started.error().message, Catch::Matchers::Contains(why));
}

TEST_CASE("a split task is retried by its parts") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.world.say({1, 1}, Action::execute, {stuck()});
  sim.world.say({1, 1}, Action::assess_blocker, {split_into(2)});
  CHECK(sim.run() == 0);
  sim.retry.tasks = {{1, 1}};
  const auto started = sim.start();
  REQUIRE(started.has_error());
  CHECK(contains(started.error().message, "sub-task"));
  sim.retry.tasks = {{1, 2}};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/2 executor execute"});
}

TEST_CASE("a task whose attempt was cut off can be asked for from the start") {
  RunSimulator sim({make_plan(1, 1)});
  steps_until_attempts(sim, 2);
  sim.crash();
  sim.retry.tasks = {{1, 1}};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines().at(0) == "1/1 executor execute");
}

TEST_CASE("when an earlier task runs again, one that is under way begins after it") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  sim.world.gates[{1, 1}] = {gate_finding(), gate_finding(), gate_finding()};
  steps_until_attempts(sim, 4);
  REQUIRE(sim.attempt_lines().back() == "1/2 executor execute");
  sim.crash();
  sim.retry.tasks = {{1, 1}};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/2 executor execute"});
  CHECK(sim.events<event::task_started>().back().commit == "001-task-1-executor-4");
}

// --- Markers ---

TEST_CASE("a summary that somebody removed makes its task run again") {
  RunSimulator sim({make_plan(1, 1, {}, 2), make_plan(2, 1)});
  CHECK(sim.run() == 0);
  sim.world.markers.tasks.erase({1, 2});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/2 executor execute", "1/2 spec-reviewer review",
                                     "1/2 code-reviewer review", "phase code-reviewer holistic"});
  CHECK(sim.events<event::plan_reopened>().size() == 1);
  CHECK(sim.world.markers.tasks.size() == 3);
  CHECK(sim.world.markers.plans == std::set<int>{1, 2});
  // It begins at what was merged meanwhile, not where it began the first time.
  CHECK(sim.events<event::task_started>().back().commit == "base-1");
}

TEST_CASE("a plan's summary that somebody removed is written again without any attempt") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2), make_plan(2, 1)});
  CHECK(sim.run() == 0);
  sim.world.markers.plans.erase(1);
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
  CHECK(resets(sim).empty());
  CHECK(sim.world.markers.plans == std::set<int>{1, 2});
}

TEST_CASE("a marker that a crash kept from being written is written") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  REQUIRE(sim.start().has_value());
  while (sim.events<event::task_completed>().empty())
    sim.step();
  sim.crash();
  CHECK(sim.world.markers.tasks.empty());
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/2 executor execute"});
  CHECK(sim.world.markers.tasks.size() == 2);
  CHECK(sim.world.markers.plans.size() == 1);
}

TEST_CASE("when all markers are gone only a task that is named runs again") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2), make_plan(2, 1)});
  CHECK(sim.run() == 0);
  const MarkersOnDisk before = sim.world.markers;
  sim.world.markers = {};
  SECTION("none is named") {
    CHECK(sim.start().has_error());
    sim.retry.all_blocked = true;
    CHECK(sim.start().has_error());
    return;
  }
  SECTION("one is") {
    sim.retry.tasks = {{1, 2}};
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/2 executor execute"});
  }
  // The others are as complete as they were, now and for the next run.
  CHECK(sim.world.markers.tasks == before.tasks);
  CHECK(sim.world.markers.plans == before.plans);
  sim.retry = {};
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
}

// --- A journal that is gone ---

TEST_CASE("without a journal the markers say what is complete, the phase's review too") {
  RunSimulator sim({make_plan(1, 1, {}, 2), make_plan(2, 1)});
  CHECK(sim.run() == 0);
  CHECK(sim.world.markers.is_phase_reviewed);
  sim.journal.clear();
  SECTION("all of it") {
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
    CHECK(sim.machine().is_phase_complete());
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
  }
  SECTION("a review that did not pass, or is not there") {
    sim.world.markers.is_phase_reviewed = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"phase code-reviewer holistic"});
  }
  SECTION("a task that the review has not seen") {
    sim.world.markers.tasks.erase({2, 1});
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"2/1 executor execute", "2/1 spec-reviewer review",
                                       "2/1 code-reviewer review", "phase code-reviewer holistic"});
  }
  SECTION("a task that a person wants to run again") {
    sim.retry.tasks = {{2, 1}};
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"2/1 executor execute", "2/1 spec-reviewer review",
                                       "2/1 code-reviewer review", "phase code-reviewer holistic"});
  }
  SECTION("a task that a person wants to run again afterwards") {
    CHECK(sim.run() == 0);
    sim.retry.tasks = {{2, 1}};
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"2/1 executor execute", "2/1 spec-reviewer review",
                                       "2/1 code-reviewer review", "phase code-reviewer holistic"});
  }
}

// --- Plans that were edited ---

TEST_CASE("a task added to a complete plan runs, and the phase is reviewed again") {
  RunSimulator sim({make_plan(1, 1), make_plan(2, 1)});
  CHECK(sim.run() == 0);
  sim.plans[0].tasks.push_back({2, "new", "text-2"});
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/2 executor execute", "1/2 spec-reviewer review",
                                     "1/2 code-reviewer review", "phase code-reviewer holistic"});
}

TEST_CASE("a plan added to a complete phase runs, and the phase is reviewed again") {
  RunSimulator sim({make_plan(1, 1)});
  CHECK(sim.run() == 0);
  sim.plans.push_back(make_plan(2, 1));
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"2/1 executor execute", "2/1 spec-reviewer review",
                                     "2/1 code-reviewer review", "phase code-reviewer holistic"});
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
}

TEST_CASE("a complete task whose text changed is reported and left alone") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  CHECK(sim.run() == 0);
  sim.plans[0].tasks[1].fingerprint = "other text";
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
  REQUIRE(sim.notes.size() == 1);
  CHECK(contains(sim.notes[0], "001/2"));
}

TEST_CASE("an interrupted task that was taken out of its plan is forgotten") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  steps_until_attempts(sim, 2);
  sim.crash();
  sim.plans[0].tasks.pop_back();
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
}

// --- Completion ---

TEST_CASE("a complete phase starts nothing") {
  RunSimulator sim({make_plan(1, 1, {}, 2), make_plan(2, 2, {1})});
  CHECK(sim.run() == 0);
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
  CHECK(sim.merge_order.empty());
  CHECK(sim.events<event::plan_started>().size() == 2);
}

TEST_CASE("a plan whose tasks are complete is merged by the next run") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  REQUIRE(sim.start().has_value());
  while (sim.merge_order.empty())
    sim.step();
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
  CHECK(sim.merge_order == std::vector<int>{1});
}

TEST_CASE("a holistic review that passed before the engine died is not run again") {
  RunSimulator sim({make_plan(1, 1)});
  REQUIRE(sim.start().has_value());
  while (sim.events<event::holistic_finished>().empty())
    sim.step();
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(sim.attempts.empty());
  CHECK(sim.merge_order == std::vector<int>{0});
}
