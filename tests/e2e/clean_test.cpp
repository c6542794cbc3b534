// SPDX-License-Identifier: MIT
// Tidying up after runs, without losing what is not merged.
#include <signal.h>

#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Scenario;
using e2e::Where;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

std::string leftovers(const Scenario& scenario) {
  return scenario.git(
      {"for-each-ref", "--format=%(refname)", "refs/heads/konductor", "refs/konductor"});
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

void require_sound(const Scenario& scenario) {
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling", "--no-progress"}).empty());
  for (const auto& entry : fs::recursive_directory_iterator(scenario.project() / ".git"))
    CHECK(entry.path().extension() != ".lock");
}

Words names(const json& entries) {
  Words found;
  for (const json& entry : entries)
    found.push_back(entry["name"]);
  return found;
}

}  // namespace

TEST_CASE("after a complete run a clean leaves nothing") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"}).plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  REQUIRE_FALSE(leftovers(scenario).empty());
  const auto tree = scenario.tree();
  const std::string main = scenario.git({"rev-parse", "main"});

  SECTION("and a dry run changes nothing") {
    const std::string references = scenario.git({"for-each-ref"});
    const auto ended = scenario.run({"clean", "--dry-run"});
    REQUIRE(ended.exit == 0);
    CHECK_THAT(ended.out, Contains("would remove konductor/01/main") &&
                              Contains("would remove konductor/01/plan-001/work") &&
                              Contains("would remove refs/konductor/01/base"));
    CHECK(scenario.git({"for-each-ref"}) == references);
  }
  SECTION("") {
    const auto ended = scenario.run({"clean"});
    REQUIRE(ended.exit == 0);
    CHECK_THAT(ended.out, Contains("removed konductor/01/main"));
    CHECK(leftovers(scenario).empty());
    CHECK(scenario.count_worktrees() == 1);
    CHECK_FALSE(fs::exists(scenario.project() / ".git/worktrees"));
    CHECK_FALSE(fs::exists(scenario.project() / ".git/refs/konductor"));
    CHECK_FALSE(fs::exists(scenario.project() / ".git/refs/heads/konductor"));
    CHECK_FALSE(fs::exists(scenario.konductor() / "worktrees"));
    // The logs are of use, and the phase goes on from there when a plan is added.
    CHECK_FALSE(fs::is_empty(scenario.konductor() / "runs"));
    CHECK(scenario.run({"clean"}).out == "there is nothing to clean\n");
    scenario.plan(3, {"ok"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.read("p3t1.txt") == "plan 3 task 1\n");
    CHECK(scenario.attempts("executor").size() == 4);
    return;
  }
  SECTION("and nothing of the logs, if that is asked for") {
    REQUIRE(scenario.run({"clean", "01", "--logs"}).exit == 0);
    CHECK(fs::is_empty(scenario.konductor() / "runs"));
    CHECK(scenario.run({"status"}).exit == 0);
  }
  SECTION("also when the references are packed") {
    scenario.git({"pack-refs", "--all"});
    REQUIRE(scenario.run({"clean"}).exit == 0);
    CHECK(leftovers(scenario).empty());
  }
  CHECK(scenario.tree() == tree);
  CHECK(scenario.git({"rev-parse", "main"}) == main);
  require_sound(scenario);
}

TEST_CASE("kept work that is not merged is refused until it is forced by name") {
  Scenario scenario;
  scenario.plan(1, {"ok", "crashes before door"});
  REQUIRE(scenario.execute().exit == 1);
  REQUIRE(scenario.run({"rollback", "01/001/1"}).exit == 0);
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  const json first = scenario.run({"clean", "--json"}).document();
  CHECK(first["exit"] == 1);
  REQUIRE_FALSE(first["refused"].empty());
  for (const json& refused : first["refused"]) {
    const std::string name = refused["name"];
    CHECK(refused["command"] == "konductor clean --force " + name);
    CHECK(trimmed(scenario.git({"rev-parse", name})) == refused["commit"]);
  }
  CHECK(leftovers(scenario).find("refs/heads") == std::string::npos);
  Words words = {"clean"};
  for (const std::string& name : names(first["refused"])) {
    words.emplace_back("--force");
    words.push_back(name);
  }
  REQUIRE(scenario.run(words).exit == 0);
  CHECK(leftovers(scenario).empty());
  require_sound(scenario);
}

TEST_CASE("a result that is not brought home is refused") {
  Scenario scenario;
  scenario.set("git.branching_strategy", "\"feature\"");
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const auto ended = scenario.run({"clean"});
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.err, Contains("konductor clean --force konductor/01/main"));
  CHECK(scenario.git({"show", "konductor/01/main:p1t1.txt"}) == "plan 1 task 1\n");
  SECTION("until the user merges it") {
    scenario.git({"merge", "-q", "konductor/01/main"});
    CHECK(scenario.run({"clean"}).exit == 0);
    CHECK(leftovers(scenario).empty());
  }
  SECTION("or a tag of the user's keeps it") {
    scenario.git({"tag", "-a", "-m", "keep", "kept", "konductor/01/main"});
    CHECK(scenario.run({"clean"}).exit == 0);
    CHECK(leftovers(scenario).empty());
  }
  SECTION("or each is forced") {
    CHECK(scenario.run({"clean", "--force", "konductor/01/main"}).exit == 1);
    CHECK_THAT(leftovers(scenario), !Contains("refs/heads/konductor/01/main"));
    CHECK_THAT(leftovers(scenario), Contains("refs/heads/konductor/01/plan-001/work"));
  }
  require_sound(scenario);
}

TEST_CASE("a phase with work left keeps what it goes on with") {
  Scenario scenario;
  scenario.plan(1, {"ok", "crashes before door"});
  REQUIRE(scenario.execute().exit == 1);
  const std::string before = leftovers(scenario);
  const auto ended = scenario.run({"clean"});
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.out, Contains("phase 01 has work left"));
  CHECK_THAT(ended.err, Contains("konductor clean --force konductor/01/plan-001/work"));
  CHECK(scenario.count_worktrees() == 2);
  CHECK_THAT(leftovers(scenario), Contains("refs/heads/konductor/01/plan-001/work") &&
                                      Contains("refs/heads/konductor/01/main"));
  SECTION("and continues") {
    scenario.open_door("door");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  }
  SECTION("a plan whose branch is forced begins again") {
    const auto forced = scenario.run({"clean", "--force", "konductor/01/plan-001/work"});
    CHECK_THAT(forced.out, Contains("plan 01/001 begins again"));
    CHECK_THAT(leftovers(scenario), !Contains("refs/heads/konductor/01/plan-001/work"));
    CHECK_FALSE(scenario.is_task_filed(1, 1));
    CHECK(scenario.count_worktrees() == 1);
    scenario.open_door("door");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.attempts("executor", 1, 1).size() == 2);
    CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  }
  require_sound(scenario);
}

TEST_CASE("a tree with changes is refused, and forced only after they are kept") {
  Scenario scenario;
  scenario.plan(1, {"ok", "crashes before door"});
  REQUIRE(scenario.execute().exit == 1);
  scenario.write(".konductor/worktrees/01-plan-001/mine.txt", "by hand\n");
  const auto refused = scenario.run({"clean"});
  CHECK(refused.exit == 1);
  CHECK_THAT(refused.err, Contains("konductor clean --force 01-plan-001\n"));
  const json document = scenario.run({"clean", "--force", "01-plan-001", "--json"}).document();
  CHECK(names(document["removed"]) == Words{"01-plan-001"});
  REQUIRE(document["kept"].size() == 1);
  CHECK(scenario.git({"show", document["kept"][0].get<std::string>() + ":mine.txt"}) ==
        "by hand\n");
  CHECK(scenario.count_worktrees() == 1);
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  require_sound(scenario);
}

TEST_CASE("a tree that a killed run had in its pool goes, and nothing that somebody put into it") {
  Scenario scenario;
  scenario.plan(1, {"ok"}).plan(2, {"waits door"});
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("plan_completed"));
  REQUIRE(scenario.wait_for_log("waiting"));
  engine->send(SIGKILL);
  engine->wait();
  const fs::path admins = scenario.project() / ".git/worktrees";
  const fs::path trees = scenario.konductor() / "worktrees";
  const fs::path tree = trees / ".trash-01-pool-1";
  REQUIRE(fs::exists(tree / "p1t1.txt"));
  REQUIRE(fs::exists(admins / "01-pool-1"));
  SECTION("a dry run tells of it") {
    const json document = scenario.run({"clean", "--dry-run", "--json"}).document();
    REQUIRE_FALSE(document["removed"].empty());
    CHECK(document["removed"][0]["kind"] == "pooled_tree");
    CHECK(document["removed"][0]["name"] == "01-pool-1");
    CHECK(fs::exists(tree / "p1t1.txt"));
    CHECK(fs::exists(admins / "01-pool-1"));
  }
  SECTION("it goes") {
    CHECK_THAT(scenario.run({"clean"}).out, Contains("removed 01-pool-1 (unused work tree)\n"));
    CHECK_FALSE(fs::exists(tree));
    CHECK_FALSE(fs::exists(admins / "01-pool-1"));
    CHECK(scenario.count_worktrees() == 2);
  }
  SECTION("it goes if somebody had begun to remove it") {
    fs::remove(tree / "p1t1.txt");
    fs::remove(tree / ".git");
    CHECK_THAT(scenario.run({"clean"}).out, Contains("removed 01-pool-1"));
  }
  SECTION("it goes if its files were gone") {
    fs::remove_all(tree);
    CHECK_THAT(scenario.run({"clean"}).out, Contains("removed 01-pool-1"));
    CHECK_FALSE(fs::exists(admins / "01-pool-1"));
  }
  SECTION("it goes if a plan was about to take it") {
    fs::rename(admins / "01-pool-1", admins / "01-plan-003");
    CHECK_THAT(scenario.run({"clean"}).out, Contains("removed 01-pool-1"));
    CHECK_FALSE(fs::exists(tree));
    scenario.plan(3, {"ok"});
  }
  SECTION("what was put into it is refused, and forced only after it is kept") {
    scenario.write(tree / "mine.txt", "by hand\n");
    const bool is_taken = GENERATE(false, true);
    if (is_taken) fs::rename(admins / "01-pool-1", admins / "01-plan-003");
    if (is_taken) scenario.plan(3, {"ok"});
    const auto refused = scenario.run({"clean"});
    CHECK(refused.exit == 1);
    CHECK_THAT(refused.err, Contains("konductor clean --force 01-pool-1\n"));
    CHECK(scenario.read(tree / "mine.txt") == "by hand\n");
    const json document = scenario.run({"clean", "--force", "01-pool-1", "--json"}).document();
    REQUIRE(document["kept"].size() == 1);
    CHECK(scenario.git({"show", document["kept"][0].get<std::string>() + ":mine.txt"}) ==
          "by hand\n");
    CHECK_FALSE(fs::exists(tree));
  }
  SECTION("also without anything that tells what it was made of") {
    fs::remove_all(admins / "01-pool-1");
    CHECK_THAT(scenario.run({"clean"}).err, Contains("konductor clean --force 01-pool-1\n"));
    const json document = scenario.run({"clean", "--force", "01-pool-1", "--json"}).document();
    REQUIRE(document["kept"].size() == 1);
    CHECK(scenario.git({"show", document["kept"][0].get<std::string>() + ":p1t1.txt"}) ==
          "plan 1 task 1\n");
    CHECK_FALSE(fs::exists(admins / "01-pool-1"));
  }
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.count_worktrees() == 1);
  require_sound(scenario);
}

TEST_CASE("a name that is not there is an error") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const std::string before = leftovers(scenario);
  CHECK(scenario.run({"clean", "--force", "konductor/01/plan-009/work"}).exit == 2);
  CHECK(scenario.run({"clean", "07"}).exit == 2);
  CHECK(leftovers(scenario) == before);
}

TEST_CASE("outside of git the store of snapshots goes") {
  Scenario scenario(Where::outside_of_git);
  CHECK(scenario.run({"clean"}).out == "there is nothing to clean\n");
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  const fs::path store = scenario.konductor() / "worktrees/snapshots.git";
  REQUIRE(fs::exists(store));
  CHECK(scenario.run({"clean", "--dry-run"}).exit == 0);
  REQUIRE(fs::exists(store));
  REQUIRE(scenario.run({"clean"}).exit == 0);
  CHECK_FALSE(fs::exists(store));
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  scenario.plan(2, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.read("p2t1.txt") == "plan 2 task 1\n");
}

TEST_CASE("old folders of runs are removed when nothing needs them") {
  Scenario scenario;
  scenario.set("features.code_review", "false").set("execution.max_crash_retries", "0");
  scenario.plan(1, {"crash once"});
  REQUIRE(scenario.execute().exit == 1);
  // The phase is to be gone on with.
  const json kept = scenario.run({"clean", "--older-than", "0s", "--dry-run", "--json"}).document();
  CHECK(kept.at("logs").empty());
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.run({"clean", "--older-than", "1h", "--json"}).document().at("logs").empty());
  const e2e::Ended dry = scenario.run({"clean", "--older-than", "0s", "--dry-run"});
  CHECK_THAT(dry.out, Contains("2 runs of .konductor/runs"));
  const json removed = scenario.run({"clean", "--older-than", "0s", "--json"}).document();
  CHECK(removed.at("logs").size() == 2);
  CHECK(removed.at("logs_bytes").get<int>() > 0);
  CHECK(std::filesystem::is_empty(scenario.konductor() / "runs"));
  CHECK(scenario.run({"status", "01"}).exit == 0);
  CHECK(scenario.run({"clean", "--older-than", "soon"}).exit == 2);
}

TEST_CASE("a run removes the folders of its phase's old runs when runs.keep says so") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  scenario.set("runs.keep", "\"1ms\"");
  const e2e::Ended again = scenario.execute();
  CHECK(again.exit == 0);
  CHECK_THAT(again.err, Contains("runs.keep: removed 1 folder of earlier runs"));
}
