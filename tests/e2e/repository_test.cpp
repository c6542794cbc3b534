// SPDX-License-Identifier: MIT
// What teams trust their repository with: plans side by side, people at work beside them, and
// agents that are locked in.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using namespace e2e;
using Catch::Matchers::Contains;

namespace {

void eight_plans(Scenario& scenario, const std::string& at_once) {
  scenario.set("execution.max_wave_parallelism", at_once);
  scenario.set("features.code_review", "false");
  std::string lines;
  for (int line = 1; line <= 80; ++line)
    lines += "line " + std::to_string(line) + "\n";
  scenario.write("shared.txt", lines);
  scenario.commit_all("shared");
  for (int number = 1; number <= 8; ++number) {
    const std::string own = "`shared.txt`, `" + own_file(number, 1) + "`";
    const bool is_odd = number % 2 == 1;
    scenario.plan(
        {number,
         1,
         {},
         {{is_odd ? "edits its line" : "edits its line; commits itself", own}, {"write"}}});
  }
}

// Runs a command with git's directory read-only but for what an agent of plan 1 needs: objects, its
// own worktree's folder, its own branch.
std::string locked_in(const std::string& agent) {
  return "g=\"$FAKE_AGENT_PROJECT/.git\"; w=$(readlink -f \"$(git rev-parse --git-dir)\"); "
         "mount --bind \"$g\" \"$g\" && "
         "b=refs/heads/konductor/01/plan-001; "
         "for d in \"$g/objects\" \"$w\" \"$g/$b\" \"$g/logs/$b\"; do mount --bind \"$d\" \"$d\" "
         "|| exit 8; done && "
         "mount -o remount,bind,ro \"$g\" && exec " +
         agent;
}

}  // namespace

TEST_CASE("eight plans side by side end like one after another, ten times over") {
  std::string expected;
  {
    Scenario alone;
    eight_plans(alone, "1");
    REQUIRE(alone.execute().exit == 0);
    expected = alone.git({"rev-parse", "main^{tree}"});
  }
  for (int round = 0; round < 10; ++round) {
    Scenario scenario;
    eight_plans(scenario, "8");
    const std::string start = scenario.git({"rev-parse", "HEAD"});
    const auto program = scenario.start_execute();
    REQUIRE(scenario.wait_for_event("plan_completed", 4));
    const std::string head = scenario.git({"rev-parse", "HEAD"});
    const std::string branch = scenario.git({"symbolic-ref", "HEAD"});
    const std::string changes = scenario.git({"diff", "--stat", "HEAD"});
    // Else the result may have been on its way already.
    if (scenario.events("plan_completed").size() < 8) {
      CHECK(head == start);
      CHECK(branch == "refs/heads/main\n");
      CHECK(changes.empty());
    }
    const Ended ended = program->wait();
    INFO(ended.err);
    REQUIRE(ended.exit == 0);
    CHECK(scenario.git({"rev-parse", "main^{tree}"}) == expected);
    CHECK(scenario.events("merge_finished").size() == 8);
    CHECK(scenario.events("plan_needs_manual").empty());
    CHECK(scenario.count_worktrees() == 1);
    CHECK(scenario.git({"fsck", "--strict", "--no-dangling"}).empty());
  }
}

TEST_CASE("nothing changes for a person who works in the checkout while a phase runs") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"waits door"}}});
  scenario.write("mine.txt", "one\n");
  scenario.commit_all("mine");
  const auto program = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  std::string branch = "main";
  std::string stashes;
  SECTION("a commit") {
    scenario.write("mine.txt", "two\n");
    scenario.git({"commit", "-q", "-a", "-m", "my own"});
  }
  SECTION("a stash") {
    scenario.write("mine.txt", "two\n");
    scenario.git({"stash", "-q"});
    stashes = scenario.git({"stash", "list", "--format=%H"});
  }
  SECTION("another branch") {
    scenario.git({"switch", "-q", "-c", "other"});
    scenario.write("mine.txt", "two\n");
    branch = "other";
  }
  SECTION("an edit that is not committed") {
    scenario.write("mine.txt", "two\n");
  }
  SECTION("a tag") {
    scenario.git({"tag", "v1"});
  }
  const std::string head = scenario.git({"rev-parse", "HEAD"});
  const std::string mine = scenario.read("mine.txt");
  const std::string tags = scenario.git({"for-each-ref", "refs/tags"});
  scenario.open_door("door");
  const Ended ended = program->wait();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.git({"symbolic-ref", "--short", "HEAD"}) == branch + "\n");
  CHECK(scenario.read("mine.txt") == mine);
  CHECK(scenario.git({"stash", "list", "--format=%H"}) == stashes);
  CHECK(scenario.git({"for-each-ref", "refs/tags"}) == tags);
  CHECK(scenario.git({"merge-base", head.substr(0, 40), "HEAD"}) == head);
  const std::string delivered = scenario.events("run_finished").at(0).at("delivery");
  if (delivered == "kept") CHECK_THAT(ended.err, Contains("git merge"));
  CHECK_THAT(scenario.git({"show", "konductor/01/main:" + own_file(1, 1)}), Contains("plan 1"));
  CHECK(scenario.events("note_recorded").empty());
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling"}).empty());
}

TEST_CASE("an agent needs no more of the repository than objects, its folder and its branch") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.set("runtimes.fake.command", "[\"unshare\", \"-rm\", \"sh\", \"-c\", " +
                                            json(locked_in(KONDUCTOR_FAKE_AGENT)).dump() + "]");
  scenario.plan({1, 1, {}, {{"commits itself"}, {"write it"}}});
  if (std::system("unshare -rm true 2>/dev/null") != 0) {
    WARN("no user namespaces here: not tried");
    return;
  }
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK_THAT(scenario.git({"log", "--format=%s", "main"}), Contains("the agent's own commit"));
  CHECK(scenario.attempts("executor").size() == 2);
}

TEST_CASE("a phase by dependencies tells how long it takes, and how wrong that was") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.set("execution.schedule", "\"dependencies\"");
  scenario.plan({1, 1, {}, {{"write"}, {"write"}}});
  CHECK_THAT(scenario.run({"execute", "01", "--dry-run"}).out, Contains("no task was timed yet"));
  const Ended first = scenario.execute();
  REQUIRE(first.exit == 0);
  CHECK_THAT(first.err, !Contains("expected were"));
  scenario.plan({2, 1, {}, {{"write"}}});
  scenario.plan({3, 2, {2}, {{"write"}}});
  const Ended dry = scenario.run({"execute", "01", "--dry-run"});
  CHECK_THAT(dry.out, Contains("expected to take") && Contains("by the 2 tasks timed so far"));
  const json document = scenario.run({"execute", "01", "--dry-run", "--json"}).document();
  CHECK(document.at("expected_seconds").get<double>() > 0);
  const Ended second = scenario.execute();
  REQUIRE(second.exit == 0);
  CHECK_THAT(second.err, Contains("took ") && Contains("expected were "));
  CHECK(scenario.events("run_started").at(0).at("expected_seconds").get<double>() > 0);
}
