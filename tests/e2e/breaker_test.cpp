// SPDX-License-Identifier: MIT
// Both circuit breakers: too many blocked tasks, and an agent that is broken.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Scenario;

TEST_CASE("the third blocked task stops dispatch and every blocker is printed") {
  Scenario scenario;
  scenario.set("execution.max_wave_parallelism", "1");
  for (const int number : {1, 2, 3})
    scenario.plan(number, {"blocked"});
  scenario.plan(4, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 3);
  CHECK(scenario.attempts("executor", 4).empty());
  for (const std::string plan : {"1", "2", "3"}) {
    CHECK_THAT(ended.err, Contains("blocker-of-" + plan + "-1"));
    CHECK_THAT(ended.err, Contains("01/00" + plan + "/1"));
  }
  CHECK(scenario.blockers().size() == 3);
  const auto tripped = scenario.events("breaker_tripped");
  REQUIRE(tripped.size() == 1);
  CHECK(tripped[0]["kind"] == "blocked");
}

TEST_CASE("while three tasks are blocked a later run starts nothing either") {
  Scenario scenario;
  scenario.set("execution.max_wave_parallelism", "1");
  for (const int number : {1, 2, 3})
    scenario.plan(number, {"blocked until told"});
  scenario.plan(4, {"ok"});
  REQUIRE(scenario.execute().exit == 3);
  const auto count = scenario.attempts().size();
  const auto again = scenario.execute();
  REQUIRE(again.exit == 3);
  CHECK(scenario.attempts().size() == count);
  CHECK_THAT(again.err, Contains("blocker-of-1-1") && Contains("blocker-of-3-1"));
  // With one of them freed the phase goes on.
  REQUIRE(scenario.run({"unblock", "01/001/1", "--context", "the key is 42"}).exit == 0);
  REQUIRE(scenario.execute().exit == 4);
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.has_plan_file("004-summary.md"));
}

TEST_CASE("what runs when the breaker trips ends normally and is recorded") {
  Scenario scenario;
  for (const int number : {1, 2, 3})
    scenario.plan(number, {"blocked"});
  scenario.plan(4, {"waits door", "ok"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("breaker_tripped"));
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 3);
  CHECK(scenario.log("end").size() == 7);
  CHECK(scenario.attempts("executor", 4, 2).empty());
  bool is_recorded = false;
  for (const auto& event : scenario.events("attempt_finished"))
    is_recorded = is_recorded || (event["plan"] == 4 && event["cause"] == "done");
  CHECK(is_recorded);
}

TEST_CASE("two blocked tasks do not trip the breaker") {
  Scenario scenario;
  scenario.plan(1, {"blocked"}).plan(2, {"blocked"}).plan(3, {"ok"});
  REQUIRE(scenario.execute().exit == 4);
  CHECK(scenario.events("breaker_tripped").empty());
  CHECK(scenario.has_plan_file("003-summary.md"));
}

TEST_CASE("the number of blocked tasks that trips the breaker is a setting") {
  Scenario scenario;
  scenario.set("execution.circuit_breaker", "1").set("execution.max_wave_parallelism", "1");
  scenario.plan(1, {"blocked"}).plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 3);
  CHECK(scenario.attempts("executor", 2).empty());
}

TEST_CASE("three different tasks that fail in a row stop dispatch: the agent is broken") {
  Scenario scenario;
  scenario.set("execution.max_wave_parallelism", "1");
  const std::string how = GENERATE("crash", "no summary");
  for (const int number : {1, 2, 3})
    scenario.plan(number, {how});
  scenario.plan(4, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 1);
  CHECK(scenario.attempts("executor", 4).empty());
  const auto tripped = scenario.events("breaker_tripped");
  REQUIRE(tripped.size() == 1);
  CHECK(tripped[0]["kind"] == "failures");
  CHECK_THAT(ended.err, Contains("agent"));
}

TEST_CASE("one hard task that fails again and again is no broken agent") {
  Scenario scenario;
  scenario.set("execution.max_wave_parallelism", "1").set("execution.max_crash_retries", "4");
  scenario.plan(1, {"crash"}).plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(scenario.attempts("executor", 1).size() == 5);
  CHECK(scenario.events("breaker_tripped").empty());
  CHECK(scenario.has_plan_file("002-summary.md"));
}

TEST_CASE("a success between failures keeps the agent from being called broken") {
  Scenario scenario;
  scenario.set("execution.max_wave_parallelism", "1");
  scenario.plan(1, {"crash"}).plan(2, {"crash"}).plan(3, {"ok"}).plan(4, {"crash"});
  scenario.plan(5, {"ok"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(scenario.events("breaker_tripped").empty());
  CHECK(scenario.has_plan_file("005-summary.md"));
}
