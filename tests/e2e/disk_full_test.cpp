// SPDX-License-Identifier: MIT
// The disk is full just when the engine writes to the repository: one clear error, and with room
// again the run comes to the end that it should.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"
#include "support/small_disk.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::Scenario;
using konductor::test::SmallDisk;

namespace {

namespace fs = std::filesystem;

void require_clear_error(const Ended& ended) {
  INFO(ended.err);
  REQUIRE(ended.exit == 6);
  CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains("No space left on device"));
}

void check_repository(const Scenario& scenario) {
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling", "--no-progress"}).empty());
  CHECK(scenario.git({"status", "--porcelain", "--", ":!.konductor"}).empty());
  CHECK(scenario.count_worktrees() == 1);
  for (const auto& entry : fs::recursive_directory_iterator(scenario.project() / ".git")) {
    CAPTURE(entry.path().string());
    CHECK(entry.path().extension() != ".lock");
  }
}

bool is_there(const SmallDisk& disk) {
  if (!disk.is_mounted()) WARN("skipped: a file system cannot be mounted here");
  return disk.is_mounted();
}

}  // namespace

TEST_CASE("a disk that is full when a merge conflict was fixed") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan({1, 1, {}, {{"write it", "`shared.txt`"}}});
  scenario.plan({2, 1, {}, {{"waits door; merge waits gate", "`shared.txt`"}}});
  const std::string place = GENERATE(".git", ".");
  const SmallDisk disk(scenario.project() / place, "size=16m");
  if (!is_there(disk)) return;
  const std::string filler = place == "." ? ".konductor/filler" : "filler";
  const auto program = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("plan_completed"));
  scenario.open_door("door");
  REQUIRE(scenario.wait_for_log("merging"));
  disk.fill(filler);
  scenario.open_door("gate");
  require_clear_error(program->wait());
  disk.make_room(filler);
  // Both sides are as they were.
  CHECK(scenario.git({"show", "konductor/01/main:shared.txt"}) == "plan 1 task 1\n");
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("shared.txt") == "plan 1 task 1\nplan 2 task 1\n");
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("executor", 2, 1).size() == 1);
  CHECK_THAT(scenario.git({"log", "-p", "-m", "main"}), !Contains("+<<<<<<<"));
  check_repository(scenario);
}

TEST_CASE("a disk that is full when a plan is merged and the next takes its tree") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.plan(1, {"waits door"});
  scenario.plan({2, 2, {1}, {{"ok"}}});
  const SmallDisk disk(scenario.project() / ".git", "size=16m");
  if (!is_there(disk)) return;
  const auto program = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  disk.fill("filler");
  scenario.open_door("door");
  require_clear_error(program->wait());
  disk.make_room("filler");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("p2t1.txt") == "plan 2 task 1\n");
  check_repository(scenario);
}

TEST_CASE("a disk that is full when git brings the result home") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  scenario.set("git.hooks", "\"final\"").plan(1, {"ok", "ok"});
  const std::string place = GENERATE(".git", ".");
  const SmallDisk disk(scenario.project() / place, "size=16m");
  if (!is_there(disk)) return;
  const std::string name = GENERATE("pre-commit", "commit-msg", "post-merge");
  CAPTURE(place, name);
  const fs::path hook = scenario.project() / ".git/hooks" / name;
  const std::string filler = (scenario.project() / ".konductor/filler").native();
  const std::string git_filler = (scenario.project() / ".git/filler").native();
  scenario.write(hook, "#!/bin/sh\ndd if=/dev/zero bs=4096 of=" +
                           (place == "." ? filler : git_filler) + " 2>/dev/null\nexit 0\n");
  fs::permissions(hook, fs::perms::owner_exec, fs::perm_options::add);
  const Ended failed = scenario.execute();
  // After its merge git says nothing of a hook.
  if (failed.exit != 0) require_clear_error(failed);
  CHECK((failed.exit == 0) == (name == "post-merge"));
  fs::remove(filler);
  fs::remove(git_filler);
  fs::remove(hook);
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.attempts("executor").size() == 2);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK_FALSE(scenario.exists(".git/MERGE_HEAD"));
  check_repository(scenario);
}
