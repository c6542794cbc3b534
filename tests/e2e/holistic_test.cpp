// SPDX-License-Identifier: MIT
// The review of the whole phase.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

Words phase_attempts(const Scenario& scenario) {
  Words list;
  for (const auto& attempt : scenario.attempts())
    if (attempt.plan == 0) list.push_back(attempt.text());
  return list;
}

}  // namespace

TEST_CASE("the holistic review sees all summaries and the whole diff") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"}).plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(phase_attempts(scenario) == Words{"code-reviewer holistic"});
  const std::string prompt = scenario.prompt("holistic-code-reviewer-1");
  for (const std::string task : {"1-1", "1-2", "2-1"})
    CHECK_THAT(prompt, Contains("summary-of-" + task));
  CHECK_THAT(prompt, Contains("plan 1 task 2") && Contains("plan 2 task 1"));
  const auto variables = scenario.environment_of("holistic-code-reviewer-1");
  CHECK(variables.count("KONDUCTOR_PLAN") == 0);
  CHECK(variables.count("KONDUCTOR_TASK") == 0);
  CHECK(variables.at("KONDUCTOR_PHASE") == "01");
  CHECK_THAT(scenario.read(".konductor/phases/01/code-review.md"), Contains("## Verdict: pass"));
  CHECK(scenario.events("holistic_finished").at(0)["verdict"] == "pass");
}

TEST_CASE("what the holistic review finds is fixed, and all verify commands run again") {
  Scenario scenario;
  scenario.holistic("holistic rejects 1");
  Plan plan;
  for (int number = 1; number <= 2; ++number)
    plan.tasks.push_back(Task{"ok", "", "`echo run >> \"$FAKE_AGENT_DIR/verify.log\"` passes"});
  scenario.plan(plan);
  REQUIRE(scenario.execute().exit == 0);
  CHECK(phase_attempts(scenario) ==
        Words{"code-reviewer holistic", "executor holistic_fix", "code-reviewer holistic"});
  CHECK_THAT(scenario.prompt("holistic-executor-1"),
             Contains("finding-of-holistic-code-reviewer-1"));
  CHECK(scenario.read("holistic-fix.txt") == "fix 1\n");
  CHECK(scenario.read(scenario.agent_directory() / "verify.log").size() >= 4 * 4);
  CHECK(scenario.state("current.step") == "executed");
}

TEST_CASE("the holistic review has three rounds of fixes") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  SECTION("enough") {
    scenario.holistic("holistic rejects 3");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.state("current.step") == "executed");
    CHECK(scenario.blockers().empty());
  }
  SECTION("not enough: a blocker") {
    scenario.holistic("holistic rejects 4");
    const auto ended = scenario.execute();
    REQUIRE(ended.exit == 4);
    CHECK(scenario.state("current.step") == "executing");
    CHECK(scenario.blockers().size() == 1);
    CHECK(scenario.has_plan_file("001-summary.md"));
    CHECK_THAT(ended.err, Contains("holistic"));
  }
  CHECK(scenario.attempts("executor", 0).size() == 3);
  CHECK(scenario.attempts("code-reviewer", 0).size() == 4);
}

TEST_CASE("a holistic reviewer without a verdict is tried again and never passes the phase") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const std::string how = GENERATE("crash", "silent", "no verdict");
  CAPTURE(how);
  SECTION("once") {
    scenario.holistic("holistic reviewer " + how + " once");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.attempts("code-reviewer", 0).size() == 2);
  }
  SECTION("always") {
    scenario.holistic("holistic reviewer " + how);
    REQUIRE(scenario.execute().exit == 4);
    CHECK(scenario.attempts("code-reviewer", 0).size() == 2);
    CHECK(scenario.state("current.step") == "executing");
  }
}

TEST_CASE("a holistic fix that crashes is tried again") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).holistic("holistic rejects 1; holistic fix crash once");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 0).size() == 2);
}

TEST_CASE("a phase with an incomplete plan gets no holistic review") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).plan(2, {"crash"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(phase_attempts(scenario).empty());
  CHECK_FALSE(scenario.exists(".konductor/phases/01/code-review.md"));
}

TEST_CASE("a passed holistic review is not run again") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  REQUIRE(scenario.execute().exit == 0);
  CHECK(phase_attempts(scenario).size() == 1);
}

TEST_CASE("nothing is delivered before the holistic review has passed") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).holistic("holistic rejects 4");
  REQUIRE(scenario.execute().exit == 4);
  CHECK_FALSE(scenario.exists("p1t1.txt"));
}
