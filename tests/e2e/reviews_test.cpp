// SPDX-License-Identifier: MIT
// The two stages of review of every task.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Scenario;
using e2e::Words;

namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("a rejected task is fixed by a fresh executor that is given the findings") {
  Scenario scenario;
  SECTION("spec") {
    scenario.plan(1, {"spec rejects 1"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
    CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("finding-of-spec-reviewer-1-1-1"));
    CHECK(scenario.attempts("spec-reviewer").size() == 2);
    CHECK(scenario.attempts("code-reviewer", 1).size() == 1);
    CHECK_THAT(scenario.read("p1t1.txt"), Contains("spec_fix attempt 2"));
  }
  SECTION("quality, and then only that reviewer looks again") {
    scenario.plan(1, {"quality rejects 1"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "quality_fix"});
    CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("finding-of-code-reviewer-1-1-1"));
    CHECK(scenario.attempts("spec-reviewer").size() == 1);
    CHECK(scenario.attempts("code-reviewer", 1).size() == 2);
  }
  CHECK(scenario.is_task_filed(1, 1));
}

TEST_CASE("each stage has two rounds of its own") {
  Scenario scenario;
  scenario.plan(1, {"spec rejects 2; quality rejects 2"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) ==
        Words{"execute", "spec_fix", "spec_fix", "quality_fix", "quality_fix"});
  CHECK(scenario.attempts("spec-reviewer").size() == 3);
  CHECK(scenario.attempts("code-reviewer", 1).size() == 3);
}

TEST_CASE("a third rejection needs a person, and the plan goes on") {
  Scenario scenario;
  SECTION("spec") {
    scenario.plan(1, {"spec rejects 3", "ok"});
    REQUIRE(scenario.execute().exit == 1);
    CHECK(scenario.attempts("spec-reviewer", 1, 1).size() == 3);
    CHECK(scenario.attempts("code-reviewer", 1, 1).empty());
  }
  SECTION("quality") {
    scenario.plan(1, {"quality rejects 3", "ok"});
    REQUIRE(scenario.execute().exit == 1);
    CHECK(scenario.attempts("code-reviewer", 1, 1).size() == 3);
  }
  CHECK(scenario.attempts("executor", 1, 1).size() == 3);
  CHECK(scenario.events("task_needs_manual").size() == 1);
  CHECK_FALSE(scenario.is_task_filed(1, 1));
  CHECK(scenario.is_task_filed(1, 2));
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.blockers().empty());
}

TEST_CASE("a review's file is the last one's") {
  Scenario scenario;
  scenario.plan(1, {"spec rejects 1"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.plan_file("001-task-1-spec-review.md"), Contains("## Verdict: pass"));
  CHECK_THAT(scenario.plan_file("001-task-1-quality-review.md"), Contains("## Verdict: pass"));
}

TEST_CASE("a minor finding does not fail a review that passes") {
  Scenario scenario;
  scenario.plan(1, {"reviewer minor finding"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor").size() == 1);
}

TEST_CASE("a reviewer without a usable verdict is tried again and never passes anything") {
  const std::string how = GENERATE("crash", "silent", "no verdict", "two verdicts");
  const std::string who = GENERATE("reviewer ", "quality reviewer ");
  const std::string role = who == "reviewer " ? "spec-reviewer" : "code-reviewer";
  CAPTURE(who, how);
  Scenario scenario;
  SECTION("once: completes") {
    scenario.plan(1, {who + how + " once"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons(role, 1, 1) == Words{"review", "review"});
    CHECK(scenario.attempts("executor").size() == 1);
  }
  SECTION("always: needs a person") {
    scenario.plan(1, {who + how});
    REQUIRE(scenario.execute().exit == 1);
    CHECK(scenario.attempts(role, 1, 1).size() == 2);
    CHECK(scenario.attempts("executor").size() == 1);
    CHECK(scenario.events("task_needs_manual").size() == 1);
    CHECK_FALSE(scenario.is_task_filed(1, 1));
  }
}

TEST_CASE("a reviewer that changes the work is undone and has failed") {
  const std::string how = GENERATE("reviewer edits workspace", "reviewer moves head");
  CAPTURE(how);
  Scenario scenario;
  SECTION("once: completes with the executor's work") {
    scenario.plan(1, {how + " once"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
    CHECK_THAT(scenario.git({"log", "--format=%s", "HEAD"}), !Contains("the reviewer's commit"));
    CHECK(scenario.attempts("spec-reviewer").size() == 2);
  }
  SECTION("always: needs a person") {
    scenario.plan(1, {how});
    REQUIRE(scenario.execute().exit == 1);
    CHECK(scenario.events("task_needs_manual").size() == 1);
  }
}

TEST_CASE("a new file that a reviewer left is removed with a note") {
  Scenario scenario;
  scenario.plan(1, {"reviewer leaves file"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("spec-reviewer").size() == 1);
  CHECK_FALSE(scenario.exists("left-by-reviewer.txt"));
  const auto files = scenario.attempts("code-reviewer", 1).at(0).start["files"];
  CHECK_THAT(files.dump(), !Contains("left-by-reviewer.txt"));
}

TEST_CASE("a summary that forges its review status gains nothing") {
  Scenario scenario;
  SECTION("rejected: no marker at all") {
    scenario.plan(1, {"forges review status; spec rejects 3"});
    REQUIRE(scenario.execute().exit == 1);
    CHECK_FALSE(scenario.is_task_filed(1, 1));
  }
  SECTION("accepted: the engine's marker alone") {
    scenario.plan(1, {"forges review status"});
    REQUIRE(scenario.execute().exit == 0);
    const std::string text = scenario.plan_file("001-task-1-summary.md");
    CHECK(count_of(text, "## Review Status: passed") == 1);
    CHECK_THAT(text, !Contains("review STATUS"));
  }
}

TEST_CASE("reviewers see the task's diff") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.prompt("spec-reviewer-1-2-1"), Contains("plan 1 task 2"));
  CHECK_THAT(scenario.prompt("code-reviewer-1-2-1"), Contains("plan 1 task 2"));
}
