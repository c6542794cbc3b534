// SPDX-License-Identifier: MIT
// An engine that dies where an attempt begins or ends: what it had seen and undone, and what it had
// laid out, counts for the next one as if it had told of it.
#include <signal.h>

#include <catch2/catch.hpp>

#include "e2e/cli_scenario.hpp"
#include "e2e/kill_point.hpp"
#include "support/landlock.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;
using e2e::Words;
using konductor::test::has_landlock;

namespace {

namespace fs = std::filesystem;

// Runs until the file of an attempt that says how it ended is there: all was done then that is done
// at an attempt's end, and nothing of it is recorded.
void kill_before_record(Scenario& scenario, const std::string& attempt) {
  e2e::arm_at_path(scenario, attempt + "/exit.json", 2);
  const Ended ended = scenario.execute();
  e2e::disarm(scenario);
  REQUIRE(ended.exit == -SIGKILL);
  REQUIRE_THAT(e2e::last_point(scenario), Contains("after rename"));
}

// The end of an attempt as it is told.
json ending(const Scenario& scenario, const std::string& role, int attempt) {
  for (const json& event : scenario.events("attempt_finished"))
    if (event.at("role") == role && event.at("attempt") == attempt) return event;
  FAIL("no end of " << role << " " << attempt);
  return {};
}

// The small phase's work trees, by what stands in them of a task.
bool is_in_a_tree(const Scenario& scenario, const std::string& file) {
  const fs::path trees = scenario.konductor() / "worktrees";
  if (!fs::exists(trees)) return false;
  for (const auto& tree : fs::directory_iterator(trees))
    if (fs::exists(tree.path() / file)) return true;
  return false;
}

void lease(Scenario& scenario) {
  scenario.set("execution.lease", "\"declared\"").set("execution.sandbox", "\"landlock\"");
  scenario.set("sandbox.write", "[\"" + scenario.agent_directory().string() + "\"]");
  scenario.set("features.code_review", "false");
}

void no_lease(Scenario& scenario) {
  scenario.set("execution.lease", "\"workspace\"").set("execution.sandbox", "\"none\"");
}

// Executors meet, so that neither sees the other's file; the fix of their merge is cut off once.
const char* const kMerging = R"sh(
echo '{"type":"thread.started","thread_id":"thread-7"}'
finish() {
  printf '## Status: DONE\n\n## Files Modified\n\n- `shared.txt`\n' >"$KONDUCTOR_OUTPUT"
  echo '{"type":"turn.completed","usage":{"input_tokens":1,"output_tokens":1}}'
  exit 0
}
if [ "$KONDUCTOR_REASON" != merge_fix ]; then
  : >"$FAKE_CLI_DIR/here-$KONDUCTOR_PLAN"
  until [ -e "$FAKE_CLI_DIR/here-1" ] && [ -e "$FAKE_CLI_DIR/here-2" ]; do sleep 0.02; done
  echo "by plan $KONDUCTOR_PLAN" >shared.txt
  finish
fi
printf '%s\n' "$@" >"$FAKE_CLI_DIR/merge-args-$KONDUCTOR_ATTEMPT"
cp "$FAKE_CLI_DIR/prompt-$n" "$FAKE_CLI_DIR/merge-prompt-$KONDUCTOR_ATTEMPT"
if [ "$KONDUCTOR_ATTEMPT" = 1 ]; then
  grep -q '<<<<<<<' shared.txt || exit 9
  echo half >half.txt
  echo 'by both' >shared.txt
  echo '{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests, try again in 1 second"}}'
  exit 1
fi
cat half.txt >"$FAKE_CLI_DIR/seen" || exit 9
rm half.txt
cp shared.txt "$FAKE_CLI_DIR/found"
echo 'by both, checked' >shared.txt
finish
)sh";

}  // namespace

// --- Undone, and not told ---

TEST_CASE("a reviewer that changed the work is caught by the engine after the one that undid it") {
  Scenario scenario;
  scenario.plan(1, {"reviewer edits workspace once"});
  kill_before_record(scenario, "001-task-1-spec-reviewer-1");
  REQUIRE(scenario.execute().exit == 0);
  const json ended = ending(scenario, "spec-reviewer", 1);
  CHECK(ended.at("cause") == "changed_workspace");
  CHECK_THAT(ended.at("detail").get<std::string>(), Contains("p1t1.txt"));
  CHECK(scenario.git({"show", ended.at("kept").get<std::string>() + ":p1t1.txt"}) ==
        "improved by the reviewer\n");
  CHECK(scenario.attempts("spec-reviewer").size() == 2);
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
}

TEST_CASE("a review that was handed in counts though its engine died before it told of it") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const std::string role = GENERATE("executor", "spec-reviewer", "code-reviewer");
  // Behind the folder that its document was in.
  e2e::arm_at_path(scenario, ".konductor/runs/001-task-1-" + role + "-1", GENERATE(1, 2, 3, 4));
  const Ended killed = scenario.execute();
  e2e::disarm(scenario);
  CAPTURE(role, e2e::last_point(scenario));
  if (killed.exit != -SIGKILL) REQUIRE(killed.exit == 0);
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts("executor").size() + scenario.attempts("spec-reviewer").size() +
            scenario.attempts("code-reviewer", 1).size() <=
        4);
  for (const json& event : scenario.events("attempt_finished"))
    CHECK(event.at("cause") != "no_document");
}

TEST_CASE(
    "what a failed attempt left is shown to its successor by the engine after the one that "
    "kept it") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"writes and crashes once"});
  kill_before_record(scenario, "001-task-1-executor-1");
  REQUIRE(scenario.execute().exit == 0);
  const json ended = ending(scenario, "executor", 1);
  CHECK(ended.at("cause") == "crashed");
  CHECK(scenario.git({"show", ended.at("kept").get<std::string>() + ":half.txt"}) == "half\n");
  CHECK_THAT(scenario.prompt("executor-1-1-2"),
             Contains("What an earlier attempt left") && Contains("+half"));
  CHECK_FALSE(scenario.exists("half.txt"));
}

TEST_CASE(
    "an executor that left the workspace is caught by the engine after the one that undid "
    "it") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"links out once"});
  kill_before_record(scenario, "001-task-1-executor-1");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(ending(scenario, "executor", 1).at("cause") == "escaped_workspace");
  CHECK(scenario.attempts("executor").size() == 2);
}

TEST_CASE(
    "an executor that touched what is protected is caught by the engine after the one that "
    "put it back") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"moves foreign ref once"});
  kill_before_record(scenario, "001-task-1-executor-1");
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.events("gate_checked").at(0).dump(), Contains("protected_files"));
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
}

// --- Fixes of a merge ---

TEST_CASE("the fix of a merge that a provider's limit cut off goes on in its session") {
  CliScenario scenario("codex");
  for (const int number : {1, 2}) {
    e2e::Plan plan;
    plan.number = number;
    plan.tasks = {e2e::Task{"a task", "`shared.txt`", "`test -s shared.txt` passes"}};
    scenario.plan(plan);
  }
  // Two executors begin at once, and are told apart by what the engine tells them.
  scenario.turn(1, kMerging);
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK_THAT(scenario.read(scenario.folder() / "merge-args-2"), Contains("resume\nthread-7\n-\n"));
  CHECK_THAT(scenario.read(scenario.folder() / "merge-prompt-2"), Contains("cut off"));
  CHECK(scenario.read(scenario.folder() / "seen") == "half\n");
  CHECK(scenario.read(scenario.folder() / "found") == "by both\n");
  CHECK(scenario.read("shared.txt") == "by both, checked\n");
  CHECK_FALSE(scenario.exists("half.txt"));
  CHECK(scenario.events("merge_fixed").size() == 1);
  CHECK_FALSE(scenario.exists(scenario.folder() / "merge-args-3"));
}

// --- Leases ---

TEST_CASE("a file that was laid out for an attempt is no work, whatever is configured later") {
  if (!has_landlock()) return;
  Scenario scenario;
  lease(scenario);
  e2e::Plan plan;
  plan.tasks = {e2e::Task{"waits door; claims done", "`new/p1t1.txt`", "`test -e new` passes"}};
  scenario.plan(plan);
  scenario.execute_and_kill_at("waiting");
  REQUIRE(is_in_a_tree(scenario, "new/p1t1.txt"));
  no_lease(scenario);
  scenario.open_door("door");
  const Ended ended = scenario.execute();
  CHECK(ended.exit == 1);
  CHECK_FALSE(scenario.events("attempt_adopted").empty());
  CHECK_THAT(scenario.events("gate_checked").at(0).dump(), Contains("changed"));
  CHECK_FALSE(scenario.exists("new/p1t1.txt"));
}

TEST_CASE("an ignored file that was laid out is gone after its engine, whoever comes next") {
  if (!has_landlock()) return;
  Scenario scenario;
  lease(scenario);
  scenario.set("execution.on_engine_death", "\"stop\"");
  e2e::Plan plan;
  plan.tasks = {e2e::Task{"waits door; claims done", "`build/p1t1.txt`", "`true` passes"}};
  scenario.plan(plan);
  const bool is_cut_early = GENERATE(false, true);
  if (is_cut_early) {
    // Between the file and its mark, among others.
    e2e::arm_at_path(scenario, "build/p1t1.txt", GENERATE(1, 2));
    REQUIRE(scenario.execute().exit == -SIGKILL);
    e2e::disarm(scenario);
  } else {
    scenario.execute_and_kill_at("waiting");
    REQUIRE(is_in_a_tree(scenario, "build/p1t1.txt"));
  }
  no_lease(scenario);
  scenario.open_door("door");
  scenario.execute();
  CHECK_FALSE(is_in_a_tree(scenario, "build/p1t1.txt"));
}
