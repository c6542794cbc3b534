// SPDX-License-Identifier: MIT
// Attempts that the kernel confines.
#include <unistd.h>

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

// The scripted agent tells what it does in a directory of its own.
void confine(Scenario& scenario, const std::string& how = "landlock") {
  scenario.set("execution.sandbox", "\"" + how + "\"");
  scenario.set("sandbox.write", "[\"" + scenario.agent_directory().string() + "\"]");
}

Words sandboxes(const Scenario& scenario) {
  Words found;
  for (const json& event : scenario.events("attempt_started"))
    found.push_back(event.at("sandbox").get<std::string>());
  return found;
}

std::string landlock_name() {
  return "landlock-abi-" + std::to_string(konductor::platform::landlock_abi());
}

void check_confined(Scenario& scenario, const std::string& name) {
  scenario.plan(1, {"meets 2; tries outside"}).plan(2, {"meets 2"});
  const std::string config = scenario.read(".git/config");
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  // Five commands of git and eleven of the shell.
  CHECK(scenario.log("refused").size() == 16);
  CHECK(scenario.log("let through").empty());
  // It went on, committed what it was asked for, and was believed at the first attempt.
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.exists("p1t1.txt"));
  CHECK(scenario.read(".git/config") == config);
  CHECK_FALSE(scenario.exists(".git/hooks/post-checkout"));
  const Words expected(scenario.events("attempt_started").size(), name);
  CHECK(sandboxes(scenario) == expected);
}

// Files by the agent's word, relative to the scenario's own folder.
Words files_that(const Scenario& scenario, const std::string& what) {
  Words found;
  for (const json& line : scenario.log(what)) {
    const std::filesystem::path file = line.at("file").get<std::string>();
    found.push_back(file.is_absolute() ? file.lexically_relative(scenario.home().parent_path())
                                       : file);
  }
  return found;
}

void check_reading(Scenario& scenario) {
  for (const char* file : {".ssh/id_ed25519", "private/notes.txt", "public.txt"})
    scenario.write(scenario.home() / file, "text\n");
  scenario.set("sandbox.deny_read", R"(["~/.ssh", "~/private/notes.txt", "~/nothing"])");
  scenario.plan(1, {"meets 2; reads outside"}).plan(2, {"meets 2"});
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(files_that(scenario, "read") == Words{"home/public.txt", "project/README.md", "README.md"});
  CHECK(files_that(scenario, "could not read") ==
        Words{"home/.ssh/id_ed25519", "home/private/notes.txt", "project/.konductor/konductor.db",
              "project/.konductor/konductor.db-wal",
              "project/.konductor/worktrees/01-plan-002/README.md"});
}

// A command that the configuration or a plan names and that tries to write and to read outside.
std::string trespass(const Scenario& scenario, const std::string& own_file) {
  const std::string home = scenario.home();
  return "! echo x > " + home + "/outside.txt && ! cat " + home + "/.ssh/key && echo x > " +
         own_file;
}

void check_commands(Scenario& scenario) {
  scenario.write(scenario.home() / ".ssh/key", "key\n");
  scenario.set("workspace.setup", "['" + trespass(scenario, "prepared.txt") + "']");
  e2e::Plan plan;
  plan.tasks.push_back({"ok", "`p1t1.txt`", "`" + trespass(scenario, "checked.txt") + "` passes"});
  scenario.set("features.code_review", "false").plan(plan);
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK_FALSE(std::filesystem::exists(scenario.home() / "outside.txt"));
}

}  // namespace

TEST_CASE("a confined attempt reads all but the journal, other trees and what is denied") {
  if (!has_landlock()) return;
  Scenario scenario;
  confine(scenario);
  check_reading(scenario);
}

TEST_CASE("an attempt in bubblewrap reads all but the journal, other trees and what is denied") {
  if (!has_bubblewrap()) return;
  Scenario scenario;
  confine(scenario, "bwrap");
  check_reading(scenario);
}

TEST_CASE("verify and setup commands are confined as attempts are") {
  if (!has_landlock()) return;
  Scenario scenario;
  confine(scenario);
  check_commands(scenario);
}

TEST_CASE("verify and setup commands are in bubblewrap as attempts are") {
  if (!has_bubblewrap()) return;
  Scenario scenario;
  confine(scenario, "bwrap");
  check_commands(scenario);
}

TEST_CASE("a role's file says what the role may not read") {
  if (!has_landlock()) return;
  Scenario scenario;
  confine(scenario);
  for (const char* file : {".ssh/id_ed25519", "private/notes.txt", "public.txt"})
    scenario.write(scenario.home() / file, "text\n");
  scenario.write(".konductor/agents/konductor-executor.toml",
                 "[permissions]\ndeny_read = [\"~/public.txt\"]\n");
  scenario.set("features.code_review", "false").plan(1, {"reads outside"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(files_that(scenario, "read") ==
        Words{"home/.ssh/id_ed25519", "home/private/notes.txt", "project/README.md", "README.md"});
}

TEST_CASE("a confined attempt is refused what is not its own, learns of it and goes on") {
  if (!has_landlock()) return;
  Scenario scenario;
  confine(scenario);
  check_confined(scenario, landlock_name());
}

TEST_CASE("an attempt in bubblewrap is refused what is not its own, and goes on") {
  if (!has_bubblewrap()) return;
  Scenario scenario;
  confine(scenario, "bwrap");
  check_confined(scenario, "bwrap");
}

TEST_CASE("an attempt in an overlay is confined as one in a work tree") {
  if (!has_landlock() || !konductor::test::has_overlays()) return;
  Scenario scenario;
  scenario.set("git.overlay", "true");
  confine(scenario);
  check_confined(scenario, landlock_name());
}

TEST_CASE("an attempt in an overlay is in bubblewrap as one in a work tree") {
  if (!has_bubblewrap() || !konductor::test::has_overlays()) return;
  Scenario scenario;
  scenario.set("git.overlay", "true");
  confine(scenario, "bwrap");
  check_confined(scenario, "bwrap");
}

TEST_CASE("a user without privileges has attempts in bubblewrap, too") {
  if (::geteuid() != 0 || !has_bubblewrap()) return;
  Scenario scenario;
  confine(scenario, "bwrap");
  scenario.plan(1, {"tries outside"}).as_somebody();
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.log("let through").empty());
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(sandboxes(scenario).front() == "bwrap");
}

TEST_CASE("an attempt that works in place is confined to the project") {
  if (!has_landlock()) return;
  Scenario scenario(e2e::Where::outside_of_git);
  confine(scenario);
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
  CHECK_THAT(sandboxes(scenario).front(), Contains("landlock-abi-"));
}

TEST_CASE("attempts are not confined unless that is asked for") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(sandboxes(scenario) == Words{"none"});
}

TEST_CASE("where the kernel has no Landlock a run that needs it does not start") {
  Scenario scenario;
  confine(scenario);
  scenario.behind({KONDUCTOR_WITHOUT_LANDLOCK}).plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 6);
  CHECK_THAT(ended.err, Contains("execution.sandbox") && Contains("\"auto\""));
  CHECK(scenario.attempts().empty());
}

TEST_CASE("where there is no bubblewrap a run that needs it does not start") {
  Scenario scenario;
  confine(scenario, "bwrap");
  scenario.with_environment("PATH", scenario.home()).plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 6);
  CHECK_THAT(ended.err, Contains("execution.sandbox") && Contains("install bubblewrap"));
  CHECK(scenario.attempts().empty());
}

// One that is refused what it needs.
void put_powerless_bwrap(Scenario& scenario) {
  const std::filesystem::path program = scenario.home() / "bin/bwrap";
  scenario.write(program, "#!/bin/sh\nexit 1\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const char* path = std::getenv("PATH");
  scenario.with_environment(
      "PATH", program.parent_path().string() + ":" + (path == nullptr ? "/usr/bin:/bin" : path));
}

TEST_CASE("where bubblewrap is refused what it needs a run that needs it does not start") {
  Scenario scenario;
  confine(scenario, "bwrap");
  put_powerless_bwrap(scenario);
  scenario.plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 6);
  CHECK_THAT(ended.err, Contains("makes no sandbox here"));
  CHECK(scenario.attempts().empty());
}

TEST_CASE("where there is nothing to confine with a run that can do without says so") {
  Scenario scenario;
  confine(scenario, "auto");
  put_powerless_bwrap(scenario);
  scenario.behind({KONDUCTOR_WITHOUT_LANDLOCK});
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.err, Contains("note: attempts may read and write whatever you may"));
  CHECK(sandboxes(scenario) == Words{"none"});
}

TEST_CASE("where the kernel has no Landlock a run that takes what there is takes bubblewrap") {
  if (!has_bubblewrap()) return;
  Scenario scenario;
  confine(scenario, "auto");
  scenario.behind({KONDUCTOR_WITHOUT_LANDLOCK});
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.err, !Contains("note:"));
  CHECK(sandboxes(scenario) == Words{"bwrap"});
}

TEST_CASE("a run that can do without Landlock takes it where it is") {
  if (!has_landlock()) return;
  Scenario scenario;
  confine(scenario, "auto");
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.err, !Contains("Landlock"));
  REQUIRE(sandboxes(scenario).size() == 1);
  CHECK_THAT(sandboxes(scenario).front(), Contains("landlock-abi-"));
}
