// SPDX-License-Identifier: MIT
// Which plans run when, and what a run that was narrowed leaves alone.
#include <catch2/catch.hpp>

#include "support/run_simulator.hpp"

using namespace konductor;
using namespace konductor::test;

namespace {

using Lines = std::vector<std::string>;
using Numbers = std::vector<int>;

RunSimulator unreviewed(std::vector<PlanDefinition> plans) {
  RunSimulator sim(std::move(plans));
  sim.rules.is_review_enabled = false;
  return sim;
}

Numbers started_plans(const RunSimulator& sim) {
  Numbers plans;
  for (const auto& started : sim.events<event::plan_started>())
    plans.push_back(started.plan);
  return plans;
}

// "wave_started 1" and so on, without what happens inside plans.
Lines outline(const RunSimulator& sim) {
  Lines lines;
  for (const Event& event : sim.journal) {
    if (const auto* e = std::get_if<event::wave_started>(&event.body))
      lines.push_back("wave " + std::to_string(e->wave));
    if (const auto* e = std::get_if<event::wave_finished>(&event.body))
      lines.push_back("end of wave " + std::to_string(e->wave));
    if (const auto* e = std::get_if<event::plan_started>(&event.body))
      lines.push_back("plan " + std::to_string(e->plan));
    if (const auto* e = std::get_if<event::plan_completed>(&event.body))
      lines.push_back("complete " + std::to_string(e->plan));
    if (const auto* e = std::get_if<event::plan_skipped>(&event.body))
      lines.push_back("skipped " + std::to_string(e->plan));
  }
  return lines;
}

// Finishes the merge, the filing and all else of every plan, but not attempts.
void settle_all_but_attempts(RunSimulator& sim) {
  auto any = [](const auto&) { return true; };
  while (sim.finish_first<command::open_workspace>(any) ||
         sim.finish_first<command::check_gates>(any) || sim.finish_first<command::file_task>(any) ||
         sim.finish_first<command::file_plan>(any) ||
         sim.finish_first<command::complete_plan>(any)) {
  }
}

bool finish_attempt(RunSimulator& sim, int plan) {
  return sim.finish_first<command::start_attempt>(
      [plan](const command::start_attempt& c) { return c.address.plan == plan; });
}

}  // namespace

TEST_CASE("waves run one after the other, lowest plan number first, at most so many at once") {
  RunSimulator sim = unreviewed({make_plan(6, 1), make_plan(2, 1), make_plan(5, 1), make_plan(4, 2),
                                 make_plan(1, 2), make_plan(3, 1)});
  sim.rules.max_wave_parallelism = 2;
  REQUIRE(sim.start().has_value());
  settle_all_but_attempts(sim);
  CHECK(started_plans(sim) == Numbers{2, 3});
  CHECK(sim.attempts.at(0).slot == 0);
  CHECK(sim.attempts.at(1).slot == 1);

  // The slot that becomes free is the one that is used again.
  REQUIRE(finish_attempt(sim, 3));
  settle_all_but_attempts(sim);
  CHECK(started_plans(sim) == Numbers{2, 3, 5});
  CHECK(sim.attempts.at(2).slot == 1);

  sim.finish();
  CHECK(started_plans(sim) == Numbers{2, 3, 5, 6, 1, 4});
  const Lines lines = outline(sim);
  CHECK(lines.front() == "wave 1");
  const auto end = std::find(lines.begin(), lines.end(), "end of wave 1");
  REQUIRE(end != lines.end());
  CHECK(*(end + 1) == "wave 2");
  CHECK(lines.back() == "end of wave 2");
}

TEST_CASE("a wave is over before the next one begins even when all of it is skipped") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 2), make_plan(3, 3, {1})});
  sim.plans[0].autonomous = false;
  CHECK(sim.run() == 1);
  CHECK(outline(sim) == Lines{"wave 1", "skipped 1", "end of wave 1", "wave 2", "plan 2",
                              "complete 2", "end of wave 2", "wave 3", "skipped 3",
                              "end of wave 3"});
}

TEST_CASE("a plan whose dependency is incomplete is skipped and says which") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1), make_plan(3, 2, {1}),
                                 make_plan(4, 2, {2}), make_plan(5, 3, {4, 3})});
  sim.rules.schedule = GENERATE(ScheduleMode::waves, ScheduleMode::dependencies);
  sim.world.always[{{1, 1}, Action::execute}] = crash();
  CHECK(sim.run() == 1);
  std::map<int, std::string> reasons;
  for (const auto& skipped : sim.events<event::plan_skipped>())
    reasons[skipped.plan] = skipped.reason;
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[3].find("001") != std::string::npos);
  CHECK(reasons[5].find("003") != std::string::npos);
  CHECK(reasons[5].find("004") == std::string::npos);
  CHECK(sim.describe_plan(4) == "completed");
  SECTION("and runs once it is complete") {
    sim.world.always.clear();
    CHECK(sim.run() == 0);
  }
}

TEST_CASE("a plan that is not autonomous waits for a person") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1)});
  sim.plans[0].autonomous = false;
  SECTION("headless it is skipped") {
    CHECK(sim.run() == 1);
    CHECK(started_plans(sim) == Numbers{2});
    CHECK(sim.events<event::plan_skipped>().at(0).reason.find("--approve") != std::string::npos);
    sim.scope.approved = {1};
    CHECK(sim.run() == 0);
  }
  SECTION("approved it runs") {
    sim.scope.approved = {1};
    CHECK(sim.run() == 0);
    CHECK(started_plans(sim) == Numbers{1, 2});
  }
}

TEST_CASE("without the wave barrier a plan starts as soon as what it depends on is complete") {
  RunSimulator sim = unreviewed(
      {make_plan(1, 1, {}, 3), make_plan(2, 1), make_plan(3, 2, {2}), make_plan(4, 2, {1})});
  sim.rules.schedule = ScheduleMode::dependencies;
  REQUIRE(sim.start().has_value());
  settle_all_but_attempts(sim);
  CHECK(started_plans(sim) == Numbers{1, 2});
  REQUIRE(finish_attempt(sim, 2));
  settle_all_but_attempts(sim);
  CHECK(started_plans(sim) == Numbers{1, 2, 3});
  sim.finish();
  CHECK(started_plans(sim) == Numbers{1, 2, 3, 4});
}

TEST_CASE("without the wave barrier the longest remaining path starts first") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1, {}, 2), make_plan(3, 1),
                                 make_plan(4, 2, {3}, 5), make_plan(5, 1, {}, 4)});
  sim.rules.schedule = ScheduleMode::dependencies;
  sim.rules.max_wave_parallelism = 1;
  CHECK(sim.run() == 0);
  CHECK(started_plans(sim) == Numbers{3, 4, 5, 2, 1});
}

TEST_CASE("what is already done does not make a path longer") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 4), make_plan(2, 1, {}, 2)});
  sim.rules.schedule = ScheduleMode::dependencies;
  sim.rules.max_wave_parallelism = 1;
  REQUIRE(sim.start().has_value());
  while (sim.events<event::task_completed>().size() < 3)
    sim.step();
  sim.crash();
  CHECK(sim.run() == 0);
  CHECK(started_plans(sim) == Numbers{1, 2, 1});
}

TEST_CASE("plans are merged one at a time, the lowest of those that wait first") {
  RunSimulator sim =
      unreviewed({make_plan(1, 1), make_plan(2, 1), make_plan(3, 1), make_plan(4, 1)});
  REQUIRE(sim.start().has_value());
  auto any = [](const auto&) { return true; };
  while (sim.finish_first<command::open_workspace>(any)) {
  }
  // Plan 4 is ready first and merges; meanwhile the others get ready, highest first.
  for (const int plan : {4, 3, 2, 1}) {
    REQUIRE(finish_attempt(sim, plan));
    while (sim.finish_first<command::check_gates>(any) ||
           sim.finish_first<command::file_task>(any)) {
    }
  }
  CHECK(sim.merge_order == Numbers{4});
  sim.finish();
  CHECK(sim.merge_order == Numbers{4, 1, 2, 3});
}

TEST_CASE("in place plans run one at a time") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2), make_plan(2, 1), make_plan(3, 1)});
  sim.rules.runs_plans_alone = true;
  REQUIRE(sim.start().has_value());
  while (!sim.is_over()) {
    const Lines lines = outline(sim);
    const auto begun = std::count_if(lines.begin(), lines.end(),
                                     [](const auto& line) { return line.rfind("plan", 0) == 0; });
    const auto ended = std::count_if(lines.begin(), lines.end(), [](const auto& line) {
      return line.rfind("complete", 0) == 0;
    });
    CHECK(begun - ended <= 1);
    sim.step();
  }
  CHECK(sim.machine().exit_code() == 0);
}

// --- Narrowed runs ---

TEST_CASE("a run of one plan leaves the others alone") {
  RunSimulator sim =
      unreviewed({make_plan(1, 1), make_plan(2, 1), make_plan(3, 2, {1}), make_plan(4, 3)});
  sim.scope.plan = 2;
  CHECK(sim.run() == 0);
  CHECK(started_plans(sim) == Numbers{2});
  sim.scope.plan = 3;
  CHECK(sim.run() == 1);
  CHECK(sim.events<event::plan_skipped>().at(0).reason.find("001") != std::string::npos);
  sim.scope.plan = 4;
  CHECK(sim.run() == 0);
}

TEST_CASE("a run up to a wave ends there") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 2, {1}), make_plan(3, 3, {2})});
  sim.scope.until_wave = 2;
  CHECK(sim.run() == 0);
  CHECK(started_plans(sim) == Numbers{1, 2});
  CHECK_FALSE(sim.machine().is_phase_complete());
}

TEST_CASE("a run of one task runs that task only") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 3), make_plan(2, 1)});
  sim.scope.only = TaskAddress{1, 1};
  CHECK(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute"});
  CHECK(sim.merge_order.empty());

  SECTION("again there is nothing to do") {
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
  }
  SECTION("one whose turn has not come is skipped with its plan") {
    sim.scope.only = TaskAddress{1, 3};
    CHECK(sim.run() == 1);
    CHECK(sim.attempts.empty());
    CHECK(sim.events<event::plan_skipped>().size() == 1);
  }
  SECTION("the last one completes the plan") {
    sim.scope.only = TaskAddress{1, 2};
    CHECK(sim.run() == 0);
    sim.scope.only = TaskAddress{1, 3};
    CHECK(sim.run() == 0);
    CHECK(sim.describe_plan(1) == "completed");
  }
  SECTION("one that does not exist is not done") {
    sim.scope.only = TaskAddress{1, 9};
    CHECK(sim.run() == 1);
    CHECK(sim.attempts.empty());
  }
}

TEST_CASE("a run of one task includes the parts it is split into") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  sim.scope.only = TaskAddress{1, 1};
  sim.world.say({1, 1}, Action::execute, {stuck()});
  sim.world.say({1, 1}, Action::assess_blocker, {split_into(2)});
  SECTION("to their end") {
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/1 assessor assess",
                                       "1/3 executor execute", "1/4 executor execute"});
  }
  SECTION("and is not done when one of them is not") {
    sim.world.always[{{1, 4}, Action::execute}] = crash();
    CHECK(sim.run() == 1);
  }
}

TEST_CASE("a run of one task that fails says so") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  sim.scope.only = TaskAddress{1, 1};
  sim.world.always[{{1, 1}, Action::execute}] = crash();
  CHECK(sim.run() == 1);
}

// --- Roles that were switched off between two runs ---

namespace {

// Runs until task 1/1 has an attempt of this action in flight, then the engine dies.
void die_during(RunSimulator& sim, Action action) {
  REQUIRE(sim.start().has_value());
  while (sim.attempts.empty() || sim.attempts.back().action != action)
    sim.step();
  sim.crash();
}

}  // namespace

TEST_CASE("a role that was switched off since the engine died is not started") {
  RunSimulator sim({make_plan(1, 1)});
  const TaskAddress task{1, 1};
  SECTION("the researcher: blocked") {
    sim.world.say(task, Action::execute, {needs_context()});
    die_during(sim, Action::research);
    sim.rules.is_researcher_enabled = false;
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.empty());
  }
  SECTION("the assessor of a blocker: blocked") {
    sim.world.say(task, Action::execute, {stuck()});
    die_during(sim, Action::assess_blocker);
    sim.rules.is_assessor_enabled = false;
    CHECK(sim.run() == 4);
    CHECK(sim.attempts.empty());
  }
  SECTION("the assessor of concerns: they are actionable") {
    sim.world.say(task, Action::execute, {concerned({"slow"})});
    die_during(sim, Action::assess_concerns);
    sim.rules.is_assessor_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines().at(0) == "1/1 executor concerns");
  }
  SECTION("all reviews: passed gates are enough") {
    die_during(sim, GENERATE(Action::review_spec, Action::review_quality));
    sim.rules.is_review_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
  }
  SECTION("the spec reviewer: the quality review is next") {
    die_during(sim, Action::review_spec);
    sim.rules.is_spec_review_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 code-reviewer review", "phase code-reviewer holistic"});
  }
  SECTION("the code reviewer: the spec review was enough") {
    die_during(sim, Action::review_quality);
    sim.rules.is_quality_review_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
  }
  SECTION("the code reviewer during a quality fix: gates are enough") {
    sim.world.say(task, Action::review_quality, {reject()});
    REQUIRE(sim.start().has_value());
    while (sim.attempts.size() < 4)
      sim.step();
    sim.crash();
    sim.rules.is_quality_review_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempt_lines() == Lines{"1/1 executor quality_fix"});
  }
  SECTION("reviews during the holistic one: the phase is complete without") {
    die_during(sim, Action::review_holistic);
    sim.rules.is_review_enabled = false;
    CHECK(sim.run() == 0);
    CHECK(sim.attempts.empty());
  }
}
