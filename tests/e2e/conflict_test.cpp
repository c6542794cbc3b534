// SPDX-License-Identifier: MIT
// Plans that changed the same places: what is fixed by an attempt, and what is left to a person.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using namespace e2e;
using Catch::Matchers::Contains;

namespace {

// Two plans of one wave that write the same file differently; the second is merged second.
Ended run_rivals(Scenario& scenario, const std::string& directives = "write it") {
  scenario.plan({1, 1, {}, {{"write it", "`shared.txt`", "`test -f shared.txt`"}}});
  scenario.plan(
      {2, 1, {}, {{directives + "; waits door", "`shared.txt`", "`test -f shared.txt`"}}});
  const auto program = scenario.start_execute();
  scenario.wait_for_event("plan_completed");
  scenario.open_door("door");
  return program->wait();
}

// Sound, and every commit that was ever made is reachable from a reference.
void check_repository(const Scenario& scenario) {
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling"}).empty());
  CHECK_THAT(scenario.git({"fsck", "--unreachable", "--no-reflogs", "--no-progress"}),
             !Contains("unreachable commit"));
}

std::string by_hand(const std::string& reason) {
  const auto begin = reason.find('`') + 1;
  return reason.substr(begin, reason.find('`', begin) - begin);
}

}  // namespace

TEST_CASE("a merge conflict is fixed by one attempt, checked and merged") {
  Scenario scenario;
  const bool is_committed = GENERATE(false, true);
  const Ended ended = run_rivals(scenario, is_committed ? "merge commits" : "write it");
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("shared.txt") == "plan 1 task 1\nplan 2 task 1\n");
  CHECK(scenario.reasons("executor", 2, 0) == Words{"merge_fix"});
  CHECK(scenario.reasons("spec-reviewer", 2, 0) == Words{"review"});
  CHECK(scenario.reasons("code-reviewer", 2, 0) == Words{"review"});
  const auto environment = scenario.environment_of("executor-2-0-1");
  CHECK(environment.count("KONDUCTOR_TASK") == 0);
  CHECK(environment.at("KONDUCTOR_PLAN") == "2");
  const std::string prompt = scenario.prompt("executor-2-0-1");
  CHECK_THAT(prompt, Contains("Files in conflict") && Contains("`shared.txt`"));
  CHECK_THAT(prompt, Contains("What plan 002 changed there") && Contains("+plan 2 task 1"));
  CHECK_THAT(prompt,
             Contains("What konductor/01/main changed there") && Contains("+plan 1 task 1"));
  CHECK_THAT(prompt, Contains("Plan 001, task 1"));
  CHECK(scenario.events("merge_fixed").size() == 1);
  CHECK(scenario.events("plan_completed").size() == 2);
  // No commit with markers where the agent made none of its own.
  const std::string log = scenario.git({"log", "-p", "-m", "--format=%s", "main"});
  CHECK((log.find("+<<<<<<<") == std::string::npos) == !is_committed);
  CHECK_THAT(log, Contains("merge(01-plan-2): "));
  check_repository(scenario);
  CHECK(scenario.count_worktrees() == 1);
}

TEST_CASE("a merge conflict that no attempt settles is left to a person with the commands") {
  Scenario scenario;
  const std::string directives = GENERATE("merge leaves markers", "merge crash", "merge blocked");
  const Ended ended = run_rivals(scenario, directives);
  INFO(ended.err);
  REQUIRE(ended.exit == 1);
  CHECK(scenario.events("plan_completed").size() == 1);
  const std::string reason = scenario.events("plan_needs_manual").at(0).at("reason");
  CHECK_THAT(ended.err, Contains("git merge konductor/01/main"));
  // Nothing of the fix is on the plan's branch, and nothing of it is lost.
  CHECK(scenario.git({"show", "konductor/01/plan-002/work:shared.txt"}) == "plan 2 task 1\n");
  CHECK_THAT(scenario.git({"for-each-ref", "--format=%(refname)", "refs/konductor"}),
             Contains("002-merge-"));
  // A further run pays for no further attempt.
  const auto attempts = scenario.attempts().size();
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.attempts().size() == attempts);
  // The commands that were told, and then a person's choice.
  std::system((by_hand(reason) + " >/dev/null 2>&1").c_str());
  const std::string tree = reason.substr(reason.find("cd '") + 4);
  const std::filesystem::path directory = tree.substr(0, tree.find('\''));
  scenario.write(directory / "shared.txt", "by hand\n");
  scenario.git({"-C", directory.string(), "commit", "-q", "-a", "-m", "by hand"});
  const Ended after = scenario.execute();
  INFO(after.err);
  CHECK(after.exit == 0);
  CHECK(scenario.attempts("executor", 2, 0).size() + scenario.attempts("executor", 2, 1).size() +
            scenario.attempts("executor", 1, 1).size() ==
        scenario.attempts("executor").size());
  CHECK(scenario.read("shared.txt") == "by hand\n");
  check_repository(scenario);
}

TEST_CASE("a merge conflict that was left to a person is given to another attempt when they ask") {
  Scenario scenario;
  REQUIRE(run_rivals(scenario, "merge leaves markers").exit == 1);
  CHECK_THAT(scenario.run({"status"}).out, Contains("konductor execute 01 --retry 01/002\n"));
  const auto attempts = scenario.attempts().size();
  SECTION("of another plan there is nothing to try again") {
    const Ended refused = scenario.execute({"--retry", "01/001"});
    CHECK(refused.exit == 2);
    CHECK_THAT(refused.err, Contains("plan 01/001 has nothing to retry: it is complete") &&
                                Contains("--retry 01/001/1"));
    CHECK(scenario.execute({"--retry", "01/001", "--dry-run"}).exit == 2);
    CHECK(scenario.execute({"--retry", "01/007"}).exit == 2);
  }
  SECTION("a dry run tells of it, and only of what was asked for") {
    CHECK_THAT(scenario.run({"execute", "01", "--dry-run"}).out, !Contains("merge"));
    const json told =
        scenario.run({"execute", "01", "--dry-run", "--json", "--retry", "01/002"}).document();
    CHECK(told["rounds"][0]["plans"][0]["tasks"] == json::parse(R"([{"task":0,"title":"merge"}])"));
  }
  SECTION("and it may fail again") {
    CHECK(scenario.execute({"--retry", "01/002"}).exit == 1);
    CHECK(scenario.attempts().size() == attempts + 1);
    CHECK(scenario.git({"show", "konductor/01/plan-002/work:shared.txt"}) == "plan 2 task 1\n");
    CHECK(scenario.execute().exit == 1);
    CHECK(scenario.attempts().size() == attempts + 1);
    check_repository(scenario);
    return;
  }
  CHECK(scenario.attempts().size() == attempts);
  scenario.plan({2, 1, {}, {{"write it", "`shared.txt`", "`test -f shared.txt`"}}});
  const std::string address = GENERATE("01/002", "2", "002");
  const Ended ended = scenario.execute({"--retry", address});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.reasons("executor", 2, 0) == Words{"merge_fix", "merge_fix"});
  CHECK(scenario.read("shared.txt") == "plan 1 task 1\nplan 2 task 1\n");
  CHECK(scenario.attempts("executor", 2, 1).size() == 1);
  CHECK_THAT(scenario.git({"log", "-p", "-m", "main"}), !Contains("+<<<<<<<"));
  check_repository(scenario);
}

TEST_CASE("no conflict marker gets into the result, whatever becomes of a fix that was cut off") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"write it", "`shared.txt`"}}});
  scenario.plan({2, 1, {}, {{"waits door; merge waits gate", "`shared.txt`"}, {"write it"}}});
  const auto program = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("plan_completed"));
  scenario.open_door("door");
  REQUIRE(scenario.wait_for_log("merging"));
  program->send(9);
  program->wait();
  scenario.open_door("gate");
  Words more;
  SECTION("it is made again") {}
  SECTION("a task runs again") {
    more = {"--retry", "01/002/1"};
  }
  SECTION("the last task runs again") {
    more = {"--retry", "01/002/2"};
  }
  SECTION("a task was added") {
    scenario.plan({2, 1, {}, {{"merge commits", "`shared.txt`"}, {"write it"}, {"one more"}}});
  }
  const Ended ended = scenario.execute(more);
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("shared.txt") == "plan 1 task 1\nplan 2 task 1\n");
  CHECK(scenario.git({"grep", "-c", "", "main", "--", "p2t2.txt"}) == "main:p2t2.txt:1\n");
  if (!more.empty() || scenario.exists("p2t3.txt"))
    CHECK(scenario.events("merge_fixed").size() == 1);
  const std::string prompt = scenario.prompt("executor-2-0-2");
  CHECK_THAT(prompt,
             Contains("What konductor/01/main changed there") && Contains("+plan 1 task 1"));
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling"}).empty());
}

TEST_CASE("a conflict to come is told while the plans still run") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"meets 2", "`shared.txt`"}, {"waits door"}}});
  scenario.plan({2, 1, {}, {{"meets 2", "`shared.txt`"}, {"waits door"}}});
  const auto program = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("conflict_predicted"));
  const json predicted = scenario.events("conflict_predicted").at(0);
  CHECK(predicted.at("plan").get<int>() + predicted.at("other").get<int>() == 3);
  CHECK(predicted.at("conflicts") == json::array({"shared.txt"}));
  CHECK(scenario.events("merge_finished").empty());
  scenario.open_door("door");
  CHECK(program->wait().exit == 0);
}

TEST_CASE("work that the gates refused is no commit of its own and is not lost") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"writes wrong file once"}}});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  CHECK(scenario.git({"rev-list", "--count", "HEAD"}) == "2\n");
  CHECK_THAT(scenario.git({"for-each-ref", "--format=%(refname)", "refs/konductor"}),
             Contains("/001-task-1-executor-1"));
}

TEST_CASE("what a failed attempt left is kept and shown to its successor") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"writes and crashes once"}}});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  const std::string kept = scenario.events("attempt_finished").at(0).at("kept");
  CHECK_THAT(kept, Contains("refs/konductor/") && Contains("/001-task-1-executor-1"));
  CHECK(scenario.git({"show", kept + ":half.txt"}) == "half\n");
  CHECK_THAT(scenario.prompt("executor-1-1-2"),
             Contains("What an earlier attempt left") && Contains(kept) && Contains("+half"));
  CHECK_FALSE(scenario.exists("half.txt"));
}

TEST_CASE("what a killed engine's agent left is kept and shown to its successor") {
  Scenario scenario;
  scenario.set("execution.on_engine_death", "\"stop\"");
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"writes and waits door"}}});
  const auto program = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  program->send(9);
  program->wait();
  scenario.open_door("door");
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("What an earlier attempt left") &&
                                                    Contains("001-task-1-executor-1") &&
                                                    Contains("+half"));
}

TEST_CASE("what a blocked attempt left is kept under its name before its task begins again") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"writes and is blocked once"}}});
  const Ended blocked = scenario.execute();
  REQUIRE(blocked.exit == 4);
  const std::string run = scenario.attempts("executor").at(0).run;
  const Ended ended = scenario.execute({"--retry-blocked"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.git({"show", "refs/konductor/" + run + "/001-task-1-executor-1:half.txt"}) ==
        "half\n");
  CHECK_FALSE(scenario.exists("half.txt"));
}
