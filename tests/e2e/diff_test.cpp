// SPDX-License-Identifier: MIT
// Showing what was done.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using e2e::json;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Where;

namespace {

void run_two_plans(Scenario& scenario) {
  scenario.plan(1, {"ok", "ok"});
  Plan second;
  second.number = 2;
  second.wave = 2;
  second.tasks = {Task{"ok"}};
  scenario.plan(second);
  REQUIRE(scenario.execute().exit == 0);
}

std::string names(Scenario& scenario, const std::string& address) {
  const auto ended = scenario.run({"diff", address, "--name-only"});
  REQUIRE(ended.exit == 0);
  return ended.out;
}

}  // namespace

TEST_CASE("a task, a plan and a phase are shown by what they did") {
  const Where where = GENERATE(Where::in_repository, Where::outside_of_git);
  Scenario scenario(where);
  run_two_plans(scenario);
  CHECK(names(scenario, "01/001/2") == "p1t2.txt\n");
  CHECK(names(scenario, "01/001") == "p1t1.txt\np1t2.txt\n");
  CHECK(names(scenario, "1/2") == "p2t1.txt\n");
  CHECK(names(scenario, "01") == "p1t1.txt\np1t2.txt\np2t1.txt\n");
  CHECK(names(scenario, "1/1/1") == "p1t1.txt\n");
  // Phase 2 is none, so this is a task.
  CHECK(names(scenario, "2/1") == "p2t1.txt\n");

  const auto patch = scenario.run({"diff", "01/001/2"});
  REQUIRE(patch.exit == 0);
  CHECK_THAT(patch.out, StartsWith("diff --git a/p1t2.txt b/p1t2.txt\n") &&
                            Contains("\n--- /dev/null\n+++ b/p1t2.txt\n@@ ") &&
                            Contains("\n+plan 1 task 2\n"));
  CHECK_THAT(patch.out, !Contains("\x1b"));
  CHECK_THAT(scenario.run({"diff", "01", "--stat"}).out,
             Contains("p1t1.txt | +1 -0\n") && Contains("3 files changed, +3 -0\n"));
}

TEST_CASE("the patch is one that git takes") {
  Scenario scenario;
  run_two_plans(scenario);
  scenario.write("../whole.patch", scenario.run({"diff", "01"}).out);
  scenario.git({"apply", "--reverse", "../whole.patch"});
  CHECK_FALSE(scenario.exists("p1t1.txt"));
  CHECK_FALSE(scenario.exists("p2t1.txt"));
}

TEST_CASE("a diff as JSON has files, counts, commits and the patch") {
  Scenario scenario;
  run_two_plans(scenario);
  const json document = scenario.run({"diff", "01/001", "--json"}).document();
  CHECK(document["schema_version"] == 1);
  CHECK(document["command"] == "diff");
  CHECK(document["subject"] == "01/001");
  REQUIRE(document["files"].size() == 2);
  CHECK(document["files"][0] == json{{"path", "p1t1.txt"},
                                     {"change", "added"},
                                     {"added", 1},
                                     {"removed", 0},
                                     {"binary", false}});
  REQUIRE(document["commits"].size() == 2);
  CHECK_THAT(document["commits"][0]["subject"].get<std::string>(), StartsWith("feat(01-plan-1)"));
  CHECK_THAT(document["patch"].get<std::string>(), Contains("+plan 1 task 2\n"));
  CHECK_FALSE(scenario.run({"diff", "01/001", "--json", "--stat"}).document().contains("patch"));
}

TEST_CASE("after its branches are cleaned away a phase is shown all the same") {
  Scenario scenario;
  run_two_plans(scenario);
  REQUIRE(scenario.run({"clean"}).exit == 0);
  CHECK(names(scenario, "01") == "p1t1.txt\np1t2.txt\np2t1.txt\n");
  CHECK(names(scenario, "01/001") == "p1t1.txt\np1t2.txt\n");
}

TEST_CASE("what has nothing to show says why") {
  Scenario scenario;
  const auto never = scenario.run({"diff", "01"});
  CHECK(never.exit == 2);
  scenario.plan(1, {"crash", "ok"});
  CHECK_THAT(scenario.run({"diff", "01"}).err, Contains("never executed"));
  REQUIRE(scenario.execute().exit == 1);
  CHECK_THAT(scenario.run({"diff", "01/001/2"}).err, Contains("has not begun"));
  CHECK_THAT(scenario.run({"diff", "01/001/1"}).err, Contains("no attempt of it has ended"));
  CHECK_THAT(scenario.run({"diff", "01/001/7"}).err, Contains("no task \"01/001/7\""));
  CHECK_THAT(scenario.run({"diff", "01/007"}).err, Contains("no plan \"01/007\""));
  CHECK_THAT(scenario.run({"diff", "a/b"}).err, Contains("is no phase, plan or task"));
  const auto document = scenario.run({"diff", "01/001/7", "--json"}).document();
  CHECK(document["exit"] == 2);
}

TEST_CASE("commits that are gone are told") {
  Scenario scenario(Where::outside_of_git);
  run_two_plans(scenario);
  REQUIRE(scenario.run({"clean"}).exit == 0);
  const auto ended = scenario.run({"diff", "01/001/1"});
  CHECK(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("snapshots"));
}
