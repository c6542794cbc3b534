// SPDX-License-Identifier: MIT
// Executors that may write what their tasks declare, and nothing else of their trees.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"
#include "support/bubblewrap.hpp"
#include "support/landlock.hpp"
#include "support/overlays.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Scenario;
using e2e::Words;
using konductor::test::has_bubblewrap;
using konductor::test::has_landlock;

namespace {

void lease(Scenario& scenario, const std::string& sandbox) {
  scenario.set("execution.lease", "\"declared\"");
  scenario.set("execution.sandbox", "\"" + sandbox + "\"");
  scenario.set("sandbox.write", "[\"" + scenario.agent_directory().string() + "\"]");
}

// Of the executor's attempts.
Words leases(const Scenario& scenario, const std::string& role) {
  Words found;
  for (const json& event : scenario.events("attempt_started"))
    if (event.at("role") == role) found.push_back(event.at("lease").get<std::string>());
  return found;
}

Words files_that(const Scenario& scenario, const std::string& what) {
  Words found;
  for (const json& line : scenario.log(what))
    found.push_back(line.at("file").get<std::string>());
  return found;
}

void check_refused(Scenario& scenario) {
  scenario.plan(1, {"tries undeclared"});
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.log("refused").size() == 7);
  CHECK(scenario.log("let through").empty());
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK_FALSE(scenario.exists("elsewhere.txt"));
  CHECK(leases(scenario, "executor") == Words{"declared"});
  CHECK(leases(scenario, "spec-reviewer") == Words{"workspace"});
}

void check_asking(Scenario& scenario) {
  scenario.set("features.code_review", "false");
  scenario.plan(1, {"asks for files"}).plan(2, {"waits door"});
  const auto engine = scenario.start_execute();
  // The other plan has its file for as long as it is under way.
  REQUIRE(scenario.wait_for_event("task_completed"));
  scenario.open_door("door");
  const auto ended = engine->wait();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "context"});
  CHECK(scenario.attempts("researcher").empty());
  CHECK(files_that(scenario, "wrote") == Words{"more/extra.txt"});
  CHECK(files_that(scenario, "could not write") == Words{"p2t1.txt"});
  CHECK(scenario.read("more/extra.txt") == "x\n");
  const auto answers = scenario.events("context_provided");
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().at("source") == "lease");
  CHECK(answers.front().at("files") == json{"more/extra.txt"});
  CHECK_THAT(scenario.prompt("executor-1-1-2"),
             Contains("plan 002, which is under way, has it") && Contains("- `more/extra.txt`"));
}

// A file that is there before the attempt, so that it can be written, is no work of anybody.
void check_unwritten(Scenario& scenario) {
  scenario.set("features.code_review", "false").plan(1, {"claims done"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 1);
  const auto gates = scenario.events("gate_checked");
  REQUIRE_FALSE(gates.empty());
  CHECK_THAT(gates.front().dump(), Contains("declared_files") && Contains("does not exist"));
}

}  // namespace

TEST_CASE("Landlock refuses an executor what its task does not declare") {
  if (!has_landlock()) return;
  Scenario scenario;
  lease(scenario, "landlock");
  check_refused(scenario);
}

TEST_CASE("bubblewrap refuses an executor what its task does not declare") {
  if (!has_bubblewrap()) return;
  Scenario scenario;
  lease(scenario, "bwrap");
  check_refused(scenario);
}

TEST_CASE("an executor in an overlay is refused what its task does not declare") {
  if (!has_landlock() || !konductor::test::has_overlays()) return;
  Scenario scenario;
  scenario.set("git.overlay", "true");
  lease(scenario, "landlock");
  check_refused(scenario);
}

TEST_CASE("an executor that asks for more files under Landlock gets what no other plan has") {
  if (!has_landlock()) return;
  Scenario scenario;
  lease(scenario, "landlock");
  check_asking(scenario);
}

TEST_CASE("an executor that asks for more files in bubblewrap gets what no other plan has") {
  if (!has_bubblewrap()) return;
  Scenario scenario;
  lease(scenario, "bwrap");
  check_asking(scenario);
}

TEST_CASE("a declared file that nobody wrote counts as missing, lease or not") {
  if (!has_landlock()) return;
  Scenario scenario;
  lease(scenario, "landlock");
  check_unwritten(scenario);
}

TEST_CASE("verify commands build in the whole tree, whatever the lease") {
  if (!has_landlock()) return;
  Scenario scenario;
  lease(scenario, "landlock");
  e2e::Plan plan;
  plan.tasks.push_back({"ok", "`p1t1.txt`", "`mkdir build && echo x > build/out` passes"});
  scenario.set("features.code_review", "false").plan(plan);
  const auto ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 0);
}

TEST_CASE("the fix of a merge conflict may write what the plans that meet there declare") {
  if (!has_landlock()) return;
  Scenario scenario;
  lease(scenario, "landlock");
  scenario.set("features.code_review", "false");
  for (const int number : {1, 2}) {
    e2e::Plan plan;
    plan.number = number;
    plan.tasks.push_back({"signs; meets 2", "`list.txt`", "`list.txt`"});
    scenario.plan(plan);
  }
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.events("merge_fixed").size() == 1);
  CHECK(scenario.read("list.txt") == "by plan 1\nby plan 2\n");
}

TEST_CASE("an executor that works in place writes what its task declares, too") {
  const char* sandbox = GENERATE("landlock", "bwrap");
  const bool is_there = sandbox == std::string("bwrap") ? has_bubblewrap() : has_landlock();
  if (!is_there) return;
  Scenario scenario(e2e::Where::outside_of_git);
  lease(scenario, sandbox);
  scenario.set("features.code_review", "false").plan(1, {"writes extra file"});
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
  CHECK_FALSE(scenario.exists("extra.txt"));
  CHECK(leases(scenario, "executor") == Words{"declared"});
}

TEST_CASE("where attempts are not confined the journal and show say that nothing holds a lease") {
  Scenario scenario;
  lease(scenario, "none");
  scenario.set("features.code_review", "false").plan(1, {"writes extra file"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.err, Contains("execution.lease: nothing holds attempts to it"));
  CHECK(leases(scenario, "executor") == Words{"unenforced"});
  CHECK_THAT(scenario.events("gate_checked").front().dump(), Contains("extra.txt"));
  CHECK_THAT(scenario.run({"show", "01/001/1"}).out, Contains("lease not enforced"));
}
