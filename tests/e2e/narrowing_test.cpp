// SPDX-License-Identifier: MIT
// Running less than the whole phase.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;

namespace {

void make_three_waves(Scenario& scenario) {
  scenario.plan(1, {"ok", "ok"});
  Plan second;
  second.number = 2;
  second.wave = 2;
  second.depends_on = {1};
  second.tasks = {Task{"ok"}};
  scenario.plan(second);
  Plan third = second;
  third.number = 3;
  third.wave = 3;
  third.depends_on = {2};
  scenario.plan(third);
}

}  // namespace

TEST_CASE("the option --plan runs one plan") {
  Scenario scenario;
  make_three_waves(scenario);
  REQUIRE(scenario.execute({"--plan", "01/001"}).exit == 0);
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.attempts("executor", 2).empty());
  CHECK(scenario.attempts("code-reviewer", 0).empty());
  CHECK(scenario.state("current.step") == "executing");
}

TEST_CASE("the option --plan of a plan whose dependency is incomplete skips it") {
  Scenario scenario;
  make_three_waves(scenario);
  const auto ended = scenario.execute({"--plan", "2"});
  REQUIRE(ended.exit == 1);
  CHECK(scenario.attempts().empty());
  CHECK_THAT(ended.err, Contains("001"));
}

TEST_CASE("the option --only runs one task") {
  Scenario scenario;
  make_three_waves(scenario);
  REQUIRE(scenario.execute({"--only", "01/001/1"}).exit == 0);
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.attempts("executor").size() == 1);
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
}

TEST_CASE("the option --until-wave stops before later waves") {
  Scenario scenario;
  make_three_waves(scenario);
  REQUIRE(scenario.execute({"--until-wave", "2"}).exit == 0);
  CHECK(scenario.has_plan_file("002-summary.md"));
  CHECK(scenario.attempts("executor", 3).empty());
  CHECK(scenario.state("current.step") == "executing");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.state("current.step") == "executed");
}

TEST_CASE("an address that names nothing is a usage error") {
  Scenario scenario;
  make_three_waves(scenario);
  CHECK(scenario.execute({"--plan", "01/009"}).exit == 2);
  CHECK(scenario.execute({"--only", "01/001/9"}).exit == 2);
  CHECK(scenario.execute({"--plan", "nonsense"}).exit == 2);
  CHECK(scenario.execute({"--plan", "02/001"}).exit == 2);
  CHECK(scenario.attempts().empty());
}

TEST_CASE("an address needs no leading zeros") {
  Scenario scenario;
  make_three_waves(scenario);
  CHECK(scenario.execute({"--plan", "1/2", "--dry-run"}).exit == 0);
  REQUIRE(scenario.execute({"--only", "1/1/1"}).exit == 0);
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.execute({"--only", "2/1/1"}).exit == 2);
}

TEST_CASE("the option --dry-run prints the order and starts nothing") {
  Scenario scenario;
  make_three_waves(scenario);
  const auto before = scenario.tree();
  const auto ended = scenario.run({"execute", "01", "--dry-run"});
  REQUIRE(ended.exit == 0);
  const auto first = ended.out.find("001");
  const auto third = ended.out.find("003");
  REQUIRE(first != std::string::npos);
  REQUIRE(third != std::string::npos);
  CHECK(first < third);
  CHECK(scenario.attempts().empty());
  CHECK(scenario.tree() == before);
  CHECK(scenario.state("current.step") == "planned");
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.count_worktrees() == 1);
}
