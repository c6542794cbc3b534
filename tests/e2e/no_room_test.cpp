// SPDX-License-Identifier: MIT
// Folders that the engine may not read, and disks that are full where it keeps its notes: told in
// so many words, gone on with later, and no credential stays behind.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "e2e/cli_scenario.hpp"
#include "e2e/fault_point.hpp"
#include "support/landlock.hpp"
#include "support/small_disk.hpp"

using Catch::Matchers::Contains;
using e2e::break_calls;
using e2e::CliScenario;
using e2e::Ended;
using e2e::Fault;
using e2e::mend_calls;
using e2e::Scenario;
using e2e::Words;
using konductor::test::SmallDisk;

namespace {

namespace fs = std::filesystem;

const std::string kSecret = "Zq7planted7x-end";

std::string work_and(const std::string& more) {
  return "echo \"the key is $PLANTED_API_KEY\"\necho \"or $PLANTED_API_KEY$PLANTED_API_KEY\" >&2\n"
         "echo work >p1t1.txt\n"
         "printf '## Status: DONE\\n\\n## Files Created\\n\\n- `p1t1.txt`\\n' "
         ">\"$KONDUCTOR_OUTPUT\"\n" +
         more + e2e::kClaudeSuccess;
}

void plant(CliScenario& scenario) {
  scenario.with_environment("PLANTED_API_KEY", kSecret);
  scenario.set("runtimes.claude.pass_env", R"(["FAKE_CLI_DIR", "PLANTED_API_KEY"])");
}

bool has_secret(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (text.str().find("planted7") != std::string::npos) return true;
  }
  return false;
}

bool is_there(const SmallDisk& disk) {
  if (!disk.is_mounted()) WARN("skipped: a file system cannot be mounted here");
  return disk.is_mounted();
}

void require_no_room(const Ended& ended) {
  INFO(ended.err);
  REQUIRE(ended.exit == 6);
  CHECK_THAT(ended.err, Contains("konductor: error: ") && Contains("No space left on device"));
}

// The only run's folder of the task's first attempt.
fs::path first_attempt(const Scenario& scenario) {
  for (const auto& run : fs::directory_iterator(scenario.konductor() / "runs"))
    if (fs::exists(run.path() / "001-task-1-executor-1"))
      return run.path() / "001-task-1-executor-1";
  return {};
}

}  // namespace

// --- Unreadable folders ---

TEST_CASE(
    "a folder beside an attempt's logs that the engine may not read is told, and it goes on") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can make another user's folder");
    return;
  }
  CliScenario scenario("claude");
  plant(scenario);
  scenario.as_somebody();
  scenario.turn(1, work_and(": >\"$FAKE_CLI_DIR/printed\"\n"
                            "until [ -e \"$FAKE_CLI_DIR/go\" ]; do sleep 0.02; done\n"));
  const auto engine = scenario.start_execute();
  REQUIRE(
      scenario.wait_while_running([&] { return scenario.exists(scenario.folder() / "printed"); }));
  const fs::path closed = first_attempt(scenario) / "theirs";
  fs::create_directory(closed);
  scenario.write(closed / "file.txt", "somebody else's\n");
  REQUIRE(::chmod(closed.c_str(), 0700) == 0);
  scenario.write(scenario.folder() / "go", "");
  const Ended ended = engine->wait();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.err, Contains("note: secrets are not redacted"));
  CHECK(scenario.events("note_recorded").at(0).at("text") ==
        "secrets are not redacted in another user's \"" + closed.string() + "\"");
  CHECK_FALSE(has_secret(first_attempt(scenario)));
  // The same of what is left of runs: what can be removed is, and what cannot is named.
  const std::string run = first_attempt(scenario).parent_path().filename();
  const Ended cleaned = e2e::run_program(
      {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
       KONDUCTOR_BINARY_DIR "/konductor", "clean", "--logs"},
      {"PATH=/usr/bin:/bin", "HOME=" + scenario.home().string()}, scenario.project());
  INFO(cleaned.err);
  CHECK(cleaned.exit == 1);
  CHECK_THAT(cleaned.err,
             Contains("cannot remove") && Contains("runs/" + run) && Contains("Permission denied"));
  CHECK_THAT(scenario.git({"for-each-ref", "refs/heads/konductor"}), !Contains("konductor"));
}

TEST_CASE("an agent that closes its run folder does not end the engine") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can become another user");
    return;
  }
  CliScenario scenario("claude");
  plant(scenario);
  scenario.as_somebody();
  const std::string mode = GENERATE("000", "500", "100");
  scenario.turn(1, work_and("chmod " + mode + " \"$(dirname \"$KONDUCTOR_PROMPT_FILE\")\"\n"));
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 0);
  CHECK(scenario.read("p1t1.txt") == "work\n");
  CHECK_FALSE(has_secret(scenario.konductor() / "runs"));
}

// --- Full disks ---

TEST_CASE("a disk that is full when an attempt's logs are redacted keeps no credential") {
  CliScenario scenario("claude");
  plant(scenario);
  scenario.turn(1, work_and(": >\"$FAKE_CLI_DIR/printed\"\n"
                            "until [ -e \"$FAKE_CLI_DIR/go\" ]; do sleep 0.02; done\n"));
  fs::create_directories(scenario.konductor() / "runs");
  const SmallDisk disk(scenario.konductor() / "runs", "size=1m");
  if (!is_there(disk)) return;
  const auto engine = scenario.start_execute();
  REQUIRE(
      scenario.wait_while_running([&] { return scenario.exists(scenario.folder() / "printed"); }));
  REQUIRE(has_secret(scenario.konductor() / "runs"));
  disk.fill("filler");
  scenario.write(scenario.folder() / "go", "");
  require_no_room(engine->wait());
  CHECK_FALSE(has_secret(scenario.konductor() / "runs"));
  disk.make_room("filler");
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("p1t1.txt") == "work\n");
  CHECK_FALSE(has_secret(scenario.konductor() / "runs"));
}

TEST_CASE("a disk that is full at any file of an attempt's folder stops the run, which goes on") {
  int failures = 0;
  for (long at = 1;; ++at) {
    CliScenario scenario("claude");
    plant(scenario);
    scenario.turn(1, work_and(""));
    break_calls(scenario, Fault{"write", ENOSPC, "001-task-1-executor-1/.konductor-", at});
    const Ended failed = scenario.execute();
    const std::string last = e2e::last_fault(scenario);
    mend_calls(scenario);
    CAPTURE(at, last, failed.err);
    CHECK_FALSE(has_secret(scenario.konductor() / "runs"));
    if (failed.exit == 0) break;
    require_no_room(failed);
    ++failures;
    const Ended ended = scenario.execute();
    CAPTURE(ended.err);
    REQUIRE(ended.exit == 0);
    CHECK(scenario.read("p1t1.txt") == "work\n");
    CHECK_FALSE(has_secret(scenario.konductor()));
  }
  // Its prompt, of what that is made, what it runs with, its plan, its logs and its end.
  CHECK(failures >= 5);
}

TEST_CASE("a disk that is full where engines tell each other of limits is told, and it goes on") {
  CliScenario scenario("claude");
  scenario.turn(
      1,
      "printf '{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":"
      "429,\"result\":\"usage limit reached|%s\"}\\n' \"$(($(date +%s) + 1))\"\nexit 1\n");
  scenario.turn(2, work_and(""));
  const std::string call = GENERATE("write", "open");
  break_calls(scenario, Fault{call, ENOSPC, "/konductor/limits"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"quota", "done"});
  CHECK_THAT(ended.err, Contains("note: your other engines do not hear of the limit"));
  CHECK_THAT(scenario.events("note_recorded").at(0).at("text").get<std::string>(),
             Contains("No space left on device"));
}

TEST_CASE(
    "a disk that is full when the files of a lease are laid out stops the run, which goes "
    "on") {
  if (!konductor::test::has_landlock()) return;
  Scenario scenario;
  scenario.set("execution.lease", "\"declared\"").set("execution.sandbox", "\"landlock\"");
  scenario.set("sandbox.write", "[\"" + scenario.agent_directory().string() + "\"]");
  scenario.set("features.code_review", "false");
  e2e::Plan plan;
  plan.tasks = {e2e::Task{"ok", "`new/a.txt`, `new/b.txt`", "`test -s new/b.txt` passes"}};
  scenario.plan(plan);
  const long at = GENERATE(1, 2, 3);
  break_calls(scenario, Fault{"open", ENOSPC, "01-plan-001/new", at});
  const Ended failed = scenario.execute();
  CAPTURE(at, e2e::last_fault(scenario));
  mend_calls(scenario);
  require_no_room(failed);
  CHECK(scenario.attempts().empty());
  CHECK_FALSE(fs::exists(scenario.konductor() / "worktrees/01-plan-001/new/a.txt"));
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.read("new/a.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("new/b.txt") == "plan 1 task 1\n");
}
