// SPDX-License-Identifier: MIT
// A project outside of any repository: plans run in place, one at a time.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using e2e::Attempt;
using e2e::own_file;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Where;
using e2e::Words;

TEST_CASE("outside of a repository a phase runs in place") {
  Scenario scenario(Where::outside_of_git);
  scenario.plan(1, {"ok", "ok"}).plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK(scenario.read("p2t1.txt") == "plan 2 task 1\n");
  CHECK(scenario.state("current.step") == "executed");
  for (const Attempt& attempt : scenario.attempts())
    CHECK(attempt.cwd == scenario.project().string());
  CHECK_FALSE(scenario.exists(".git"));
}

TEST_CASE("in place plans never overlap in time") {
  Scenario scenario(Where::outside_of_git);
  for (int number = 1; number <= 3; ++number)
    scenario.plan(number, {"ok", "ok"});
  REQUIRE(scenario.execute().exit == 0);
  REQUIRE(scenario.attempts("executor").size() == 6);
  std::int64_t last = 0;
  for (const Attempt& attempt : scenario.attempts()) {
    CHECK(attempt.began >= last);
    CHECK(attempt.slot == 0);
    last = attempt.ended;
  }
}

TEST_CASE("in place a failed attempt's changes are put back, and the user's files stay") {
  Scenario scenario(Where::outside_of_git);
  scenario.write("notes.txt", "the user's own\n");
  scenario.write("p1t1.txt", "as it was\n");
  SECTION("and tried again") {
    scenario.plan(1, {"crash once"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  }
  SECTION("for ever") {
    scenario.plan(1, {"crash"});
    REQUIRE(scenario.execute().exit == 1);
    CHECK(scenario.read("p1t1.txt") == "as it was\n");
  }
  CHECK(scenario.read("notes.txt") == "the user's own\n");
  CHECK(scenario.attempts("executor").size() == 2);
}

TEST_CASE("in place work that was not done is caught too") {
  Scenario scenario(Where::outside_of_git);
  const std::string how = GENERATE("claims done", "writes wrong file");
  scenario.plan(1, {how + " once"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
}

TEST_CASE("in place a reviewer's changes are undone") {
  Scenario scenario(Where::outside_of_git);
  scenario.plan(1, {"reviewer edits workspace once"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.attempts("spec-reviewer").size() == 2);
}

TEST_CASE("isolation none runs in place inside a repository") {
  Scenario scenario;
  scenario.set("git.isolation", "\"none\"").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts().at(0).cwd == scenario.project().string());
  CHECK(scenario.exists("p1t1.txt"));
}
