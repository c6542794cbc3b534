// SPDX-License-Identifier: MIT
// git.branching_strategy = "plan": a branch a plan, each on what it depends on.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

Plan plan_of(int number, int wave, const std::vector<int>& depends_on,
             const std::string& title = "ok") {
  Plan plan;
  plan.number = number;
  plan.wave = wave;
  plan.depends_on = depends_on;
  plan.tasks = {Task{title}};
  return plan;
}

std::string files_at(const Scenario& scenario, const std::string& commit) {
  return scenario.git({"ls-tree", "--name-only", commit});
}

std::string tip(const Scenario& scenario, const std::string& name) {
  return scenario.git({"rev-parse", name});
}

struct Stacked : Scenario {
  Stacked() {
    set("git.branching_strategy", "\"plan\"");
    head = tip(*this, "HEAD");
  }
  std::string head;
};

}  // namespace

TEST_CASE("each plan's branch is based on what the plan depends on") {
  Stacked scenario;
  scenario.plan(plan_of(1, 1, {})).plan(plan_of(2, 1, {}));
  scenario.plan(plan_of(3, 2, {1})).plan(plan_of(4, 3, {2, 3}));
  const auto ended = scenario.execute({"--json"});
  REQUIRE(ended.exit == 0);
  CHECK(tip(scenario, "HEAD") == scenario.head);
  CHECK(tip(scenario, "konductor/01/plan-001/work~1") == scenario.head);
  CHECK(tip(scenario, "konductor/01/plan-002/work~1") == scenario.head);
  CHECK(tip(scenario, "konductor/01/plan-003/work~1") ==
        tip(scenario, "konductor/01/plan-001/work"));
  CHECK_THAT(files_at(scenario, "konductor/01/plan-003/work"),
             Contains("p1t1.txt") && Contains("p3t1.txt") && !Contains("p2t1.txt"));
  CHECK_THAT(
      files_at(scenario, "konductor/01/plan-004/work"),
      Contains("p1t1.txt") && Contains("p2t1.txt") && Contains("p3t1.txt") && Contains("p4t1.txt"));
  CHECK(tip(scenario, "konductor/01/main") == scenario.head);
  const auto delivery = ended.document()["delivery"];
  CHECK(delivery["state"] == "kept");
  CHECK(delivery["branches"] == Words{"konductor/01/plan-001/work", "konductor/01/plan-002/work",
                                      "konductor/01/plan-003/work", "konductor/01/plan-004/work"});
  CHECK(delivery["command"] == "git merge konductor/01/plan-004/work");
  scenario.git({"merge", "-q", "konductor/01/plan-004/work"});
  const auto again = scenario.execute({"--json"});
  CHECK(again.exit == 0);
  CHECK(again.document()["delivery"]["state"] == "fast_forwarded");
  CHECK(scenario.count_worktrees() == 1);
}

TEST_CASE("the holistic review of stacked plans sees all of them") {
  Stacked scenario;
  scenario.plan(plan_of(1, 1, {})).plan(plan_of(2, 1, {}));
  scenario.holistic("holistic rejects 1");
  const auto ended = scenario.execute({"--json"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK_THAT(files_at(scenario, "konductor/01/holistic/work"),
             Contains("p1t1.txt") && Contains("p2t1.txt"));
  CHECK(scenario.git({"branch", "--list", "konductor/01/*"}).find("plan-002") != std::string::npos);
  const std::string command = ended.document()["delivery"]["command"];
  CHECK(command == "git merge konductor/01/holistic/work");
  const std::string shell = "cd '" + scenario.project().string() + "' && " + command;
  CHECK(e2e::run_program({"/bin/sh", "-c", shell}, {"PATH=/usr/bin:/bin", "GIT_EDITOR=true"},
                         scenario.project())
            .exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
  CHECK(scenario.exists("p2t1.txt"));
  CHECK(scenario.exists("holistic-fix.txt"));
}

TEST_CASE("a plan whose dependencies do not fit together needs a person") {
  Stacked scenario;
  for (const int number : {1, 2}) {
    Plan plan = plan_of(number, 1, {}, "ok");
    plan.tasks.front().files = "- `shared.txt`";
    plan.tasks.front().verify = "`test -f shared.txt`";
    scenario.plan(plan);
  }
  scenario.plan(plan_of(3, 2, {1, 2}));
  const auto ended = scenario.execute({"--json"});
  INFO(ended.err);
  REQUIRE(ended.exit == 1);
  CHECK_THAT(ended.err,
             Contains("do not fit together") && Contains("shared.txt") &&
                 Contains("git switch -c konductor/01/plan-003/work konductor/01/plan-001/work "
                          "&& git merge konductor/01/plan-002/work"));
  CHECK(scenario.attempts("executor", 3).empty());
  SECTION("who merges them") {
    scenario.git(
        {"switch", "-q", "-c", "konductor/01/plan-003/work", "konductor/01/plan-001/work"});
    scenario.git({"merge", "-q", "-X", "ours", "konductor/01/plan-002/work"});
    scenario.git({"switch", "-q", "main"});
    const auto again = scenario.execute({"--json"});
    INFO(again.err);
    CHECK(again.exit == 0);
    CHECK(again.document()["delivery"]["command"] == "git merge konductor/01/plan-003/work");
  }
  SECTION("who has nothing done is told again") {
    CHECK(scenario.execute().exit == 1);
  }
}

TEST_CASE("plans that nobody depends on and that conflict cannot be reviewed as one") {
  Stacked scenario;
  for (const int number : {1, 2}) {
    Plan plan = plan_of(number, 1, {}, "ok");
    plan.tasks.front().files = "- `shared.txt`";
    plan.tasks.front().verify = "`test -f shared.txt`";
    scenario.plan(plan);
  }
  const auto ended = scenario.execute({"--json"});
  INFO(ended.err);
  CHECK(ended.exit == 4);
  CHECK_THAT(ended.err, Contains("the holistic review looks at") && Contains("shared.txt"));
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.has_plan_file("002-summary.md"));
}

TEST_CASE("a plan whose dependency went on keeps what it was built on, and is told to be behind") {
  Stacked scenario;
  scenario.set("features.code_review", "false");
  scenario.plan(plan_of(1, 1, {})).plan(plan_of(2, 2, {1})).plan(plan_of(3, 3, {2}));
  const auto first = scenario.execute({"--json"});
  REQUIRE(first.exit == 0);
  CHECK_FALSE(first.document()["delivery"].contains("behind"));
  const std::string built_on = tip(scenario, "konductor/01/plan-001/work");
  const std::string second = tip(scenario, "konductor/01/plan-002/work");
  scenario.plan(1, {"ok", "ok"});
  const auto ended = scenario.execute({"--json"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(tip(scenario, "konductor/01/plan-001/work~1") == built_on);
  CHECK(tip(scenario, "konductor/01/plan-002/work") == second);
  CHECK(tip(scenario, "konductor/01/plan-002/work~1") == built_on);
  const auto delivery = ended.document()["delivery"];
  CHECK(delivery["command"] ==
        "git merge konductor/01/plan-001/work && git merge konductor/01/plan-003/work");
  REQUIRE(delivery["behind"].size() == 2);
  CHECK(delivery["behind"][0]["branch"] == "konductor/01/plan-002/work");
  CHECK(delivery["behind"][0]["of"] == Words{"konductor/01/plan-001/work"});
  CHECK(delivery["behind"][1]["branch"] == "konductor/01/plan-003/work");
  CHECK(delivery["behind"][1]["of"] == Words{"konductor/01/plan-002/work"});
  const std::string command = delivery["behind"][0]["command"];
  CHECK_THAT(scenario.execute().err, Contains("konductor/01/plan-002/work is behind "
                                              "konductor/01/plan-001/work") &&
                                         Contains("\n      " + command + "\n"));
  for (const auto& behind : delivery["behind"]) {
    const std::string shell = behind["command"];
    REQUIRE(e2e::run_program(
                {"/bin/sh", "-c", shell},
                {"PATH=/usr/bin:/bin", "GIT_EDITOR=true", "HOME=" + scenario.home().native()},
                scenario.project())
                .exit == 0);
  }
  CHECK(scenario.git({"branch", "--show-current"}) == "main\n");
  const auto again = scenario.execute({"--json"});
  CHECK(again.exit == 0);
  CHECK_FALSE(again.document()["delivery"].contains("behind"));
  CHECK(again.document()["delivery"]["command"] == "git merge konductor/01/plan-003/work");
  CHECK_THAT(files_at(scenario, "konductor/01/plan-003/work"), Contains("p1t2.txt"));
}

TEST_CASE("stacked plans go on after a kill") {
  Stacked scenario;
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.plan(plan_of(1, 1, {})).plan(plan_of(2, 2, {1}, "hang once"));
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("hanging"));
  engine->send(9);
  engine->wait(20);
  const auto ended = scenario.execute({"--json"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(tip(scenario, "konductor/01/plan-002/work~1") ==
        tip(scenario, "konductor/01/plan-001/work"));
  CHECK(scenario.reasons("executor", 1, 1).size() == 1);
}
