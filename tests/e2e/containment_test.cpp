// SPDX-License-Identifier: MIT
// No process of an attempt survives it, by whichever means.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "e2e/scenario.hpp"
#include "support/cgroups.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Scenario;
using e2e::Words;
using konductor::test::has_cgroups;
namespace fs = std::filesystem;

namespace {

bool takes(Scenario& scenario, const std::string& level) {
  if (level == "cgroup" && !has_cgroups()) return false;
  scenario.set("execution.containment", "\"" + level + "\"");
  return true;
}

Words levels(const Scenario& scenario) {
  Words found;
  for (const json& event : scenario.events("attempt_started"))
    found.push_back(event.at("containment").get<std::string>());
  return found;
}

std::string cgroup_of_run(const Scenario& scenario) {
  return scenario.events("run_started").at(0).at("cgroup").get<std::string>();
}

bool is_root() {
  if (::geteuid() != 0) WARN("skipped: only root can run programs as somebody else");
  return ::geteuid() == 0;
}

}  // namespace

TEST_CASE("what an attempt leaves running is ended with it at every level of containment") {
  const std::string level = GENERATE("cgroup", "processes");
  const std::string what = GENERATE("grandchild holds stdout", "grandchild leaves session",
                                    "grandchild forgets its origin");
  Scenario scenario;
  if (!takes(scenario, level)) return;
  scenario.set("features.code_review", "false").plan(1, {what});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.living_agents().empty());
  CHECK(levels(scenario) == Words{level});
  CHECK(cgroup_of_run(scenario).empty() == (level == "processes"));
  if (level == "cgroup") CHECK_FALSE(fs::exists(cgroup_of_run(scenario)));
}

TEST_CASE("attempts that hear no signal are ended at every level of containment") {
  const std::string level = GENERATE("cgroup", "processes");
  Scenario scenario;
  if (!takes(scenario, level)) return;
  scenario.set("roles.executor.timeout", "\"1s\"").set("execution.grace_period", "\"100ms\"");
  scenario.set("execution.max_crash_retries", "0").plan(1, {"ignores sigterm"});
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "timed_out");
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("the level of containment is shown with the attempts") {
  Scenario scenario;
  if (!takes(scenario, "cgroup")) return;
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.run({"show", "01/001/1"}).out, Contains("cgroup"));
  const json attempt = scenario.run({"show", "01/001/1", "--json"}).document()["attempts"].at(0);
  CHECK(attempt["containment"] == "cgroup");
  CHECK(attempt["ceilings"] == json::array());
}

TEST_CASE("an engine that was killed leaves no process and no cgroup behind") {
  const std::string level = GENERATE("cgroup", "processes");
  Scenario scenario;
  if (!takes(scenario, level)) return;
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.plan(1, {"ignores sigterm"}).set("execution.grace_period", "\"100ms\"");
  auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  const std::string cgroup = cgroup_of_run(scenario);
  first->send(SIGKILL);
  first->wait();
  // Its supervisor ends it and its child.
  REQUIRE(e2e::wait_until([&] { return scenario.living_agents().empty(); }));
  if (level == "cgroup")
    CHECK(e2e::wait_until([&] { return !fs::exists(cgroup + "/001-task-1-executor-1"); }));
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  if (level == "cgroup") CHECK_FALSE(fs::exists(cgroup));
  if (level == "cgroup") CHECK_FALSE(fs::exists(cgroup_of_run(scenario)));
}

TEST_CASE("an engine and a supervisor that were killed leave nothing to the next engine's run") {
  Scenario scenario;
  if (!takes(scenario, "cgroup")) return;
  scenario.plan(1, {"waits door"});
  auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  const std::string cgroup = cgroup_of_run(scenario);
  const std::string run = scenario.attempts("executor", 1, 1).at(0).run;
  first->send(SIGKILL);
  first->wait();
  const json record =
      json::parse(scenario.read(".konductor/runs/" + run + "/001-task-1-executor-1/process.json"));
  ::kill(record["pid"].get<pid_t>(), SIGKILL);
  REQUIRE(scenario.living_agents().size() == 1);
  scenario.open_door("door-of-another");
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.events("attempt_adopted").empty());
  CHECK(scenario.living_agents().empty());
  CHECK_FALSE(fs::exists(cgroup));
}

TEST_CASE("an attempt that is taken over keeps its cgroup until it ends") {
  Scenario scenario;
  if (!takes(scenario, "cgroup")) return;
  scenario.plan(1, {"waits door"});
  auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  const std::string cgroup = cgroup_of_run(scenario);
  first->send(SIGKILL);
  first->wait();
  auto second = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("attempt_adopted"));
  CHECK(fs::exists(cgroup + "/001-task-1-executor-1"));
  CHECK(cgroup_of_run(scenario) != cgroup);
  scenario.open_door("door");
  CHECK(second->wait().exit == 0);
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "done");
  CHECK_FALSE(fs::exists(cgroup));
  CHECK_FALSE(fs::exists(cgroup_of_run(scenario)));
}

TEST_CASE("a confined attempt's supervisor can end what is in its cgroup") {
  Scenario scenario;
  if (!takes(scenario, "cgroup")) return;
  scenario.set("execution.sandbox", "\"auto\"").set("execution.on_engine_death", "\"stop\"");
  scenario.set("sandbox.write", "[\"" + scenario.agent_directory().string() + "\"]");
  scenario.set("execution.grace_period", "\"100ms\"").plan(1, {"ignores sigterm"});
  auto first = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  const std::string cgroup = cgroup_of_run(scenario);
  first->send(SIGKILL);
  first->wait();
  CHECK(e2e::wait_until([&] { return scenario.living_agents().empty(); }));
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_FALSE(fs::exists(cgroup));
}

TEST_CASE("where no cgroup may be made a run that needs one does not start") {
  if (!is_root()) return;
  Scenario scenario;
  scenario.as_somebody().set("execution.containment", "\"cgroup\"").plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 6);
  CHECK_THAT(ended.err, Contains("execution.containment") && Contains("\"auto\""));
  CHECK(scenario.attempts().empty());
}

TEST_CASE("where no cgroup may be made a run does without, and says what it had") {
  if (!is_root()) return;
  Scenario scenario;
  scenario.as_somebody().set("features.code_review", "false");
  scenario.set("limits.processes", "400").set("limits.memory", "\"1GiB\"");
  scenario.plan(1, {"grandchild leaves session"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(levels(scenario) == Words{"processes"});
  CHECK(scenario.events("attempt_started").at(0)["ceilings"] == json::array({"user_processes"}));
  CHECK_THAT(ended.err, Contains("note: limits.memory cannot be applied here"));
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("attempts do not start side by side where memory holds only one") {
  Scenario scenario;
  scenario.set("features.code_review", "false").set("execution.memory_per_attempt", "\"900TiB\"");
  // Either may be the first.
  scenario.plan(1, {"waits door"}).plan(2, {"waits door"});
  auto running = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  REQUIRE(scenario.wait_for_event("note_recorded"));
  CHECK(scenario.attempts("executor").size() == 1);
  CHECK_THAT(scenario.events("note_recorded").at(0)["text"].get<std::string>(),
             Contains("waits for memory") && Contains("execution.memory_per_attempt"));
  scenario.open_door("door");
  CHECK(running->wait().exit == 0);
  CHECK(scenario.attempts("executor").size() == 2);
  CHECK(scenario.events("note_recorded").size() == 1);
}
