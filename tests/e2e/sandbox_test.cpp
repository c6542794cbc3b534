// SPDX-License-Identifier: MIT
// Attempts that the kernel confines.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"
#include "support/landlock.hpp"
#include "support/overlays.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Scenario;
using e2e::Words;
using konductor::test::has_landlock;

namespace {

// The scripted agent tells what it does in a directory of its own.
void confine(Scenario& scenario, const std::string& how = "landlock") {
  scenario.set("execution.sandbox", "\"" + how + "\"");
  scenario.set("sandbox.write", "[\"" + scenario.agent_directory().string() + "\"]");
}

Words sandboxes(const Scenario& scenario) {
  Words found;
  for (const json& event : scenario.events("attempt_started"))
    found.push_back(event.at("sandbox").get<std::string>());
  return found;
}

void check_confined(Scenario& scenario) {
  scenario.plan(1, {"meets 2; tries outside"}).plan(2, {"meets 2"});
  const std::string config = scenario.read(".git/config");
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  // Three commands of git and eleven of the shell.
  CHECK(scenario.log("refused").size() == 14);
  CHECK(scenario.log("let through").empty());
  // It went on, committed what it was asked for, and was believed at the first attempt.
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.exists("p1t1.txt"));
  CHECK(scenario.read(".git/config") == config);
  CHECK_FALSE(scenario.exists(".git/hooks/post-checkout"));
  const std::string name = "landlock-abi-" + std::to_string(konductor::platform::landlock_abi());
  const Words expected(scenario.events("attempt_started").size(), name);
  CHECK(sandboxes(scenario) == expected);
}

}  // namespace

TEST_CASE("a confined attempt is refused what is not its own, learns of it and goes on") {
  if (!has_landlock()) return;
  Scenario scenario;
  confine(scenario);
  check_confined(scenario);
}

TEST_CASE("an attempt in an overlay is confined as one in a work tree") {
  if (!has_landlock() || !konductor::test::has_overlays()) return;
  Scenario scenario;
  scenario.set("git.overlay", "true");
  confine(scenario);
  check_confined(scenario);
}

TEST_CASE("an attempt that works in place is confined to the project") {
  if (!has_landlock()) return;
  Scenario scenario(e2e::Where::outside_of_git);
  confine(scenario);
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
  CHECK_THAT(sandboxes(scenario).front(), Contains("landlock-abi-"));
}

TEST_CASE("attempts are not confined unless that is asked for") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(sandboxes(scenario) == Words{"none"});
}

TEST_CASE("where the kernel has no Landlock a run that needs it does not start") {
  Scenario scenario;
  confine(scenario);
  scenario.behind({KONDUCTOR_WITHOUT_LANDLOCK}).plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 6);
  CHECK_THAT(ended.err, Contains("execution.sandbox") && Contains("\"auto\""));
  CHECK(scenario.attempts().empty());
}

TEST_CASE("where the kernel has no Landlock a run that can do without says so") {
  Scenario scenario;
  confine(scenario, "auto");
  scenario.behind({KONDUCTOR_WITHOUT_LANDLOCK});
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.err, Contains("note: this kernel offers no Landlock"));
  CHECK(sandboxes(scenario) == Words{"none"});
}

TEST_CASE("a run that can do without Landlock takes it where it is") {
  if (!has_landlock()) return;
  Scenario scenario;
  confine(scenario, "auto");
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.err, !Contains("Landlock"));
  REQUIRE(sandboxes(scenario).size() == 1);
  CHECK_THAT(sandboxes(scenario).front(), Contains("landlock-abi-"));
}
