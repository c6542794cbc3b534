// SPDX-License-Identifier: MIT
// Signals to the engine.
#include <signal.h>

#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using e2e::Scenario;

TEST_CASE("a first signal stops everything in order and says which signal it was") {
  const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
  CAPTURE(signal);
  Scenario scenario;
  scenario.set("execution.grace_period", "\"30s\"");
  scenario.plan(1, {"ends on signal 1", "ok"}).plan(2, {"ends on signal 1"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging", 2));
  engine->send(signal);
  const auto ended = engine->wait(25);
  REQUIRE(ended.exit == 128 + signal);
  CHECK(scenario.log("signalled").size() == 2);
  CHECK(scenario.log("signalled").at(0)["signal"] == SIGTERM);
  CHECK(scenario.attempts("executor", 1, 2).empty());
  CHECK(scenario.living_agents().empty());
  CHECK(scenario.events().back()["type"] == "run_finished");
  CHECK(scenario.events().back()["exit"] == 128 + signal);
  // It goes on from there, and the stop does not count against the task.
  scenario.set("execution.max_crash_retries", "0");
  REQUIRE(scenario.execute().exit == 0);
}

TEST_CASE("an agent that ignores the signal is killed after the grace period") {
  Scenario scenario;
  scenario.set("execution.grace_period", "\"1s\"").plan(1, {"ignores sigterm"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  engine->send(SIGINT);
  const auto ended = engine->wait(30);
  REQUIRE(ended.exit == 130);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("a second signal stops at once") {
  Scenario scenario;
  scenario.set("execution.grace_period", "\"10m\"").plan(1, {"ignores sigterm"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  engine->send(SIGINT);
  CHECK_FALSE(e2e::wait_until([&] { return !engine->is_running(); }, 1));
  engine->send(SIGINT);
  REQUIRE(engine->wait(20).exit == 130);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("completed work survives a stop") {
  Scenario scenario;
  scenario.plan(1, {"ok", "hang once"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  engine->send(SIGTERM);
  REQUIRE(engine->wait(30).exit == 143);
  CHECK(scenario.is_task_filed(1, 1));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("executor", 1, 2).size() == 2);
}

TEST_CASE("a stop while a verify command runs leaves no process") {
  Scenario scenario;
  e2e::Plan plan;
  plan.tasks = {e2e::Task{"ok", "`p1t1.txt`", "`touch \"$FAKE_AGENT_DIR/v\" && sleep 600` passes"}};
  scenario.plan(plan);
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_while_running(
      [&] { return scenario.exists(scenario.agent_directory() / "v"); }));
  engine->send(SIGINT);
  REQUIRE(engine->wait(30).exit == 130);
  CHECK(scenario.living_agents().empty());
}
