// SPDX-License-Identifier: MIT
// Gates on what a change says: tests that are weakened, secrets, tests that a plan owes.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

Plan plan_of(const Task& task) {
  Plan plan;
  plan.tasks = {task};
  return plan;
}

Plan test_first(const Words& titles, const std::string& files = "") {
  Plan plan;
  plan.more = "type = \"tdd\"";
  for (const std::string& title : titles)
    plan.tasks.push_back(Task{title, files});
  return plan;
}

// A project with a file of tests, "tests/check.py".
void add_check(const Scenario& scenario) {
  scenario.write("tests/check.py", "assert one == 1\nassert two == 2\n");
  scenario.commit_all("a test");
}

// Sources of all findings of gates that did not pass.
Words failed_gates(const Scenario& scenario) {
  Words sources;
  for (const json& event : scenario.events("gate_checked"))
    for (const json& finding : event["findings"])
      sources.push_back(finding["source"].get<std::string>());
  return sources;
}

std::string first_finding(const Scenario& scenario) {
  for (const json& event : scenario.events("gate_checked"))
    for (const json& finding : event["findings"])
      return finding["text"].get<std::string>();
  return {};
}

}  // namespace

TEST_CASE("tests that a task weakens undeclared go to a fix") {
  const auto [how, finding] = GENERATE(table<std::string, std::string>({
      {"weakens tests", "lost 1 of its 2 assertions"},
      {"deletes tests", "was deleted"},
      {"mutes tests", "tests/check.py:1: `pytest.mark.skip`"},
  }));
  CAPTURE(how);
  Scenario scenario;
  add_check(scenario);
  scenario.plan(1, {how});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  CHECK(failed_gates(scenario) == Words{"tests"});
  CHECK_THAT(first_finding(scenario), Contains(finding));
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("tests/check.py"));
  CHECK(scenario.read("tests/check.py") == "assert one == 1\nassert two == 2\n");
}

TEST_CASE("tests that stay weakened need a person") {
  Scenario scenario;
  add_check(scenario);
  scenario.plan(1, {"weakens tests for ever"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix", "spec_fix"});
  CHECK(scenario.attempts("spec-reviewer").empty());
  CHECK_FALSE(scenario.is_task_filed(1, 1));
}

TEST_CASE("a change of tests that takes nothing away passes") {
  const std::string how = GENERATE("moves tests", "changes expectation", "adds test");
  CAPTURE(how);
  Scenario scenario;
  add_check(scenario);
  scenario.plan(1, {how});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
}

TEST_CASE("a task may change the tests that it declares") {
  Scenario scenario;
  add_check(scenario);
  const std::string files = "`p1t1.txt`, `tests/`";
  SECTION("take assertions away") {
    scenario.plan(plan_of(Task{"weakens tests for ever", files, "`true` passes"}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  }
  SECTION("but not skip them unasked") {
    scenario.plan(plan_of(Task{"mutes tests", files, "`true` passes"}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  }
  SECTION("skip them when that is the task") {
    scenario.plan(plan_of(Task{"mutes tests", files, "`true` passes", "Skip the check for now."}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  }
}

TEST_CASE("a secret goes to a fix, and nowhere else") {
  const std::string secret = "Zq8Rt2Lm5Vx7Kc1Jw9Hd4Fs6Gb3Np0Ty8Ue2";
  Scenario scenario;
  scenario.plan(1, {"adds secret"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  CHECK(failed_gates(scenario) == Words{"secrets"});
  CHECK_THAT(first_finding(scenario), Contains("p1t1.txt:2: a GitHub token"));
  for (const json& event : scenario.events())
    CHECK_THAT(event.dump(), !Contains(secret));
  for (const std::string attempt : {"executor-1-1-2", "spec-reviewer-1-1-1", "code-reviewer-1-1-1"})
    CHECK_THAT(scenario.prompt(attempt), !Contains(secret));
  CHECK_THAT(scenario.read(".konductor/konductor.db"), !Contains(secret));
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"), !Contains(secret));
  CHECK_THAT(scenario.read("p1t1.txt"), !Contains(secret));
}

TEST_CASE("a task of a plan that is test first owes a test") {
  Scenario scenario;
  SECTION("for ever: needs a person") {
    scenario.plan(test_first({"ok"}));
    REQUIRE(scenario.execute().exit == 1);
    CHECK(failed_gates(scenario) == Words{"tdd", "tdd", "tdd"});
    CHECK_THAT(scenario.prompt("executor-1-1-1"), Contains("Tests first"));
    CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("no file of tests"));
  }
  SECTION("once: completes") {
    scenario.plan(test_first({"adds test in fix"}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  }
  SECTION("at once") {
    scenario.plan(test_first({"adds test", "adds test in fix"}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
    CHECK(scenario.reasons("executor", 1, 2) == Words{"execute", "spec_fix"});
  }
  SECTION("unless it declares no files") {
    scenario.plan(test_first({"claims done"}, "none"));
    REQUIRE(scenario.execute().exit == 0);
    CHECK_THAT(scenario.prompt("executor-1-1-1"), !Contains("Tests first"));
  }
  SECTION("unless an earlier task was the tests, which fail") {
    Plan plan = test_first({"adds test", "ok"});
    plan.tasks[0].verify = "`test -e code.txt` — tests exist and fail";
    scenario.plan(plan);
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 2) == Words{"execute"});
  }
}

TEST_CASE("gates on the diff can be turned off") {
  Scenario scenario;
  add_check(scenario);
  SECTION("tests") {
    scenario.set("gates.tests", "false").plan(1, {"weakens tests for ever"});
  }
  SECTION("tests that a plan owes") {
    scenario.set("gates.tests", "false").plan(test_first({"ok"}));
  }
  SECTION("secrets") {
    scenario.set("gates.secrets", "false").plan(1, {"adds secret"});
  }
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
}
