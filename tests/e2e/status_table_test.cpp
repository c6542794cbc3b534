// SPDX-License-Identifier: MIT
// Every row of the status table, and what counts as a failed attempt.
#include <algorithm>
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Scenario;
using e2e::Words;

namespace {

// Names of the refs under which trees of failed attempts are kept.
std::string kept_refs(const Scenario& scenario) {
  return scenario.git({"for-each-ref", "--format=%(refname)", "refs/konductor"});
}

std::string first_reason(const Scenario& scenario, const std::string& type) {
  const auto events = scenario.events(type);
  return events.empty() ? "" : events[0].value("reason", "");
}

}  // namespace

// --- Concerns ---

TEST_CASE("an actionable concern gets one fix attempt, then reviews") {
  Scenario scenario;
  scenario.plan(1, {"concerns actionable"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "concerns"});
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("concern-to-fix"));
  CHECK(scenario.attempts("assessor").empty());
  CHECK(scenario.attempts("spec-reviewer").size() == 1);
  CHECK(scenario.attempts("spec-reviewer").at(0).began > scenario.attempts("executor").at(1).ended);
}

TEST_CASE("the concerns of a fix for concerns are informational") {
  Scenario scenario;
  scenario.plan(1, {"concerns actionable for ever"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "concerns"});
}

TEST_CASE("an informational concern changes nothing") {
  Scenario scenario;
  scenario.plan(1, {"concerns informational"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK(scenario.attempts("assessor").empty());
}

TEST_CASE("concerns without a section count as done") {
  Scenario scenario;
  scenario.plan(1, {"concerns without section"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK(scenario.attempts("assessor").empty());
}

TEST_CASE("unmarked concerns go to the assessor") {
  Scenario scenario;
  SECTION("who finds them actionable") {
    scenario.plan(1, {"concerns unmarked actionable"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "concerns"});
  }
  SECTION("who finds them informational") {
    scenario.plan(1, {"concerns unmarked informational"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  }
  CHECK(scenario.reasons("assessor", 1, 1) == Words{"assess"});
  CHECK_THAT(scenario.prompt("assessor-1-1-1"), Contains("concern-to-judge"));
}

TEST_CASE("without an assessor unmarked concerns are actionable") {
  Scenario scenario;
  scenario.set("roles.assessor.enabled", "false").plan(1, {"concerns unmarked informational"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "concerns"});
  CHECK(scenario.attempts("assessor").empty());
}

// --- Missing context ---

TEST_CASE("a task that needs context is dispatched again with the researcher's answer") {
  Scenario scenario;
  scenario.plan(1, {"needs context twice"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "context", "context"});
  CHECK(scenario.reasons("researcher", 1, 1) == Words{"research", "research"});
  CHECK_THAT(scenario.prompt("researcher-1-1-1"), Contains("question-of-1-1"));
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("answer-for-1-1"));
  CHECK(scenario.events("context_provided").size() == 2);
}

TEST_CASE("a task that needs context a third time is blocked without an assessor") {
  Scenario scenario;
  scenario.plan(1, {"needs context", "ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 4);
  CHECK(scenario.attempts("executor", 1, 1).size() == 3);
  CHECK(scenario.attempts("assessor").empty());
  CHECK(scenario.attempts("executor", 1, 2).empty());
  CHECK(scenario.events("task_blocked").size() == 1);
  REQUIRE(scenario.blockers().size() == 1);
  CHECK(scenario.state("current.status") == "blocked");
}

TEST_CASE("a researcher that crashes is tried again, then the task is blocked") {
  Scenario scenario;
  SECTION("once") {
    scenario.plan(1, {"needs context once; researcher crash once"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("researcher", 1, 1) == Words{"research", "research"});
  }
  SECTION("always") {
    const std::string how = GENERATE("researcher crash", "researcher silent");
    scenario.plan(1, {"needs context once; " + how});
    REQUIRE(scenario.execute().exit == 4);
    CHECK(scenario.attempts("researcher", 1, 1).size() == 2);
    CHECK(scenario.attempts("executor", 1, 1).size() == 1);
    CHECK(scenario.blockers().size() == 1);
  }
}

// --- Blocked ---

TEST_CASE("a blocked task that is escalated stops its plan and is recorded") {
  Scenario scenario;
  scenario.plan(1, {"ok", "blocked escalate", "ok"}).plan(2, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 4);
  CHECK(scenario.reasons("assessor", 1, 2) == Words{"assess"});
  CHECK_THAT(scenario.prompt("assessor-1-2-1"), Contains("blocker-of-1-2"));
  CHECK(scenario.attempts("executor", 1, 3).empty());
  CHECK(scenario.has_plan_file("002-summary.md"));
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.is_task_filed(1, 1));
  REQUIRE(scenario.blockers().size() == 1);
  CHECK_THAT(scenario.blockers()[0], Contains("blocker-of-1-2"));
  CHECK_THAT(ended.err, Contains("01/001/2"));
  CHECK(scenario.state("current.step") == "executing");
}

TEST_CASE("a blocked task goes on with the assessor's context") {
  Scenario scenario;
  scenario.plan(1, {"blocked context"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "context"});
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("assessor-says-1-1"));
  CHECK(scenario.blockers().empty());
}

TEST_CASE("the assessor is asked once about a blocked task") {
  Scenario scenario;
  scenario.plan(1, {"blocked again"});
  REQUIRE(scenario.execute().exit == 4);
  CHECK(scenario.attempts("assessor", 1, 1).size() == 1);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "context"});
}

TEST_CASE("a split task's parts run in its place under the next free numbers") {
  Scenario scenario;
  scenario.plan(1, {"blocked split", "ok"});
  const std::string plan = scenario.plan_file("001.md");
  REQUIRE(scenario.execute().exit == 0);
  Words order;
  for (const auto& attempt : scenario.attempts("executor", 1))
    order.push_back(std::to_string(attempt.task));
  CHECK(order == Words{"1", "3", "4", "2"});
  CHECK(scenario.plan_file("001.md") == plan);
  CHECK(scenario.is_task_filed(1, 3));
  CHECK(scenario.is_task_filed(1, 4));
  CHECK(scenario.has_plan_file("001-summary.md"));
  CHECK(scenario.exists("part1-of-p1t1.txt"));
  CHECK(scenario.exists("part2-of-p1t1.txt"));
  CHECK(scenario.events("task_split").size() == 1);
}

TEST_CASE("a part of a split task cannot be split again") {
  Scenario scenario;
  scenario.plan(1, {"blocked nested split"});
  REQUIRE(scenario.execute().exit == 4);
  CHECK(scenario.events("task_split").size() == 1);
  const auto blocked = scenario.events("task_blocked");
  REQUIRE(blocked.size() == 1);
  CHECK(blocked[0]["task"] == 3);
}

TEST_CASE("an assessor out of retries leaves the task blocked") {
  Scenario scenario;
  const std::string how = GENERATE("blocked assessor crash", "blocked assessor silent");
  scenario.plan(1, {how});
  REQUIRE(scenario.execute().exit == 4);
  CHECK(scenario.attempts("assessor", 1, 1).size() == 2);
  CHECK(scenario.blockers().size() == 1);
}

// --- Failed attempts ---

TEST_CASE("an attempt that does not count is retried once from a clean tree") {
  const std::string how =
      GENERATE("crash", "dies by signal", "no summary", "unknown status", "lowercase status",
               "two statuses", "status in fence", "output is a link", "output is a fifo",
               "output is a directory", "huge summary", "invalid utf8 summary");
  CAPTURE(how);
  Scenario scenario;
  scenario.plan(1, {how + " once"});
  REQUIRE(scenario.execute().exit == 0);
  const auto attempts = scenario.attempts("executor", 1, 1);
  if (how == "invalid utf8 summary" && attempts.size() == 1) return;
  REQUIRE(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
  const auto files = attempts[1].start["files"].get<Words>();
  CHECK(std::count(files.begin(), files.end(), "p1t1.txt") == 0);
  CHECK_THAT(kept_refs(scenario), Contains("001-task-1-executor-1"));
  CHECK(scenario.is_task_filed(1, 1));
}

TEST_CASE("an agent that removes its own workspace has failed, and the task is retried") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"});
  scenario.set("runtimes.fake.command",
               "[\"/bin/sh\", \"-c\", \"if [ $KONDUCTOR_ROLE$KONDUCTOR_TASK$KONDUCTOR_ATTEMPT = "
               "executor21 ]; then rm -rf \\\"$PWD\\\"; exit 0; fi; exec '" KONDUCTOR_FAKE_AGENT
               "'\"]");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 2) == Words{"retry"});
  CHECK(scenario.exists("p1t1.txt"));
  CHECK(scenario.exists("p1t2.txt"));
}

TEST_CASE("a task whose attempts never count fails and stops its plan") {
  const std::string how =
      GENERATE("crash", "no summary", "unknown status", "two statuses", "huge summary");
  CAPTURE(how);
  Scenario scenario;
  scenario.plan(1, {how, "ok"}).plan(2, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 1);
  CHECK(scenario.attempts("executor", 1, 1).size() == 2);
  CHECK(scenario.attempts("executor", 1, 2).empty());
  CHECK(scenario.events("task_failed").size() == 1);
  CHECK_FALSE(first_reason(scenario, "task_failed").empty());
  CHECK_FALSE(scenario.is_task_filed(1, 1));
  CHECK(scenario.has_plan_file("002-summary.md"));
  CHECK_THAT(ended.err, Contains("01/001/1"));
}

TEST_CASE("a summary with invalid text is never filed as it is") {
  Scenario scenario;
  scenario.plan(1, {"invalid utf8 summary"});
  const auto ended = scenario.execute();
  REQUIRE((ended.exit == 0 || ended.exit == 1));
  REQUIRE_FALSE(scenario.attempts("executor").empty());
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"), !Contains("\xff"));
  if (ended.exit == 1) CHECK_THAT(ended.err, Contains("UTF-8"));
}

TEST_CASE("headings match without regard to case and spaces") {
  Scenario scenario;
  scenario.plan(1, {"odd headings"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
}

TEST_CASE("the number of crash retries is a setting") {
  Scenario scenario;
  const int retries = GENERATE(0, 2);
  scenario.set("execution.max_crash_retries", std::to_string(retries));
  SECTION("a task that crashes as often completes") {
    scenario.plan(1, {"crash " + std::to_string(retries)});
    REQUIRE(scenario.execute().exit == 0);
  }
  SECTION("a task that crashes once more fails") {
    scenario.plan(1, {"crash " + std::to_string(retries + 1)});
    REQUIRE(scenario.execute().exit == 1);
  }
  CHECK(scenario.attempts("executor", 1, 1).size() == static_cast<std::size_t>(retries) + 1);
}

TEST_CASE("crash retries count for each dispatch anew") {
  Scenario scenario;
  // The first dispatch crashes once, and so does the fix that the reviewer asks for.
  scenario.plan(1, {"crash once; spec rejects 1; fix crash"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry", "spec_fix", "retry"});
  CHECK_THAT(scenario.prompt("executor-1-1-4"), Contains("finding-of-spec-reviewer-1-1-1"));
}

// --- Fix attempts obey the same table ---

TEST_CASE("a fix attempt may ask for context") {
  Scenario scenario;
  scenario.plan(1, {"spec rejects 1; fix needs context"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix", "context"});
  CHECK_THAT(scenario.prompt("executor-1-1-3"), Contains("answer-for-1-1"));
}

TEST_CASE("a fix attempt may be blocked") {
  Scenario scenario;
  scenario.plan(1, {"spec rejects 1; fix blocked"});
  REQUIRE(scenario.execute().exit == 4);
  CHECK(scenario.attempts("assessor", 1, 1).size() == 1);
}

// --- Processes ---

TEST_CASE("an attempt that takes too long is ended with its whole tree") {
  Scenario scenario;
  scenario.set("limits.timeout", "\"1s\"").plan(1, {"hang once"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "timed_out");
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("an attempt that falls silent is ended and one that talks is not") {
  Scenario scenario;
  scenario.set("limits.silence", "\"1s\"").plan(1, {"stall once"}).plan(2, {"talks"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
  CHECK(scenario.reasons("executor", 2, 1) == Words{"execute"});
  Words causes;
  for (const auto& event : scenario.events("attempt_finished"))
    if (event["plan"] == 1) causes.push_back(event["cause"]);
  CHECK(causes.at(0) == "stalled");
}

TEST_CASE("a role may have a time limit of its own") {
  Scenario scenario;
  scenario.set("roles.executor.timeout", "\"1s\"").plan(1, {"hang"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(scenario.attempts("executor", 1, 1).size() == 2);
}

TEST_CASE("an agent that ignores SIGTERM is killed after the grace period") {
  Scenario scenario;
  scenario.set("limits.timeout", "\"1s\"").plan(1, {"ignores sigterm once"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("an agent that ends on SIGTERM is asked before it is killed") {
  Scenario scenario;
  scenario.set("execution.grace_period", "\"30s\"");
  scenario.set("limits.timeout", "\"1s\"").plan(1, {"ends on signal once"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  REQUIRE(scenario.log("signalled").size() == 1);
  CHECK(ended.seconds < 25);
}

TEST_CASE("a flood of output ends the attempt at the limit") {
  Scenario scenario;
  const std::string how = GENERATE("floods stdout", "floods stderr");
  scenario.set("limits.output_max", "\"8MiB\"").plan(1, {how + " once"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
  CHECK(scenario.events("attempt_finished").at(0)["cause"] == "output_limit");
}

TEST_CASE("much output below the limit is no fault") {
  Scenario scenario;
  scenario.set("limits.output_max", "\"8MiB\"").plan(1, {"prints much"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor").size() == 1);
}

TEST_CASE("no process that an attempt started outlives it") {
  const std::string how = GENERATE("grandchild holds stdout", "grandchild leaves session",
                                   "grandchild forgets its origin");
  CAPTURE(how);
  Scenario scenario;
  scenario.plan(1, {how});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK(scenario.attempts("spec-reviewer").at(0).start["living_children"].empty());
  CHECK(scenario.living_agents().empty());
  CHECK(ended.seconds < 60);
}
