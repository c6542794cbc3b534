// SPDX-License-Identifier: MIT
// The engine's own gates: what an executor says is not believed.
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::json;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

Plan plan_of(const Task& task) {
  Plan plan;
  plan.tasks = {task};
  return plan;
}

// Texts of all findings of gates that did not pass.
std::string gate_findings(const Scenario& scenario) {
  std::string text;
  for (const json& event : scenario.events("gate_checked"))
    if (!event["passed"].get<bool>()) text += event["findings"].dump() + "\n";
  return text;
}

void require_caught_always(const Scenario& scenario, int exit) {
  REQUIRE(exit == 1);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix", "spec_fix"});
  CHECK(scenario.attempts("spec-reviewer").empty());
  CHECK(scenario.events("task_needs_manual").size() == 1);
  CHECK_FALSE(scenario.is_task_filed(1, 1));
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
}

}  // namespace

TEST_CASE("work that was claimed and not done goes to a fix without a reviewer") {
  const std::string how = GENERATE("claims done", "writes wrong file", "writes ignored file");
  CAPTURE(how);
  Scenario scenario;
  SECTION("for ever: needs a person") {
    scenario.plan(1, {how});
    require_caught_always(scenario, scenario.execute().exit);
    CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("p1t1.txt"));
  }
  SECTION("once: completes") {
    scenario.plan(1, {how + " once"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
    CHECK(scenario.is_task_filed(1, 1));
  }
}

TEST_CASE("a plan goes on after a task that needs a person, and cannot complete") {
  Scenario scenario;
  scenario.plan(1, {"claims done", "ok"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(scenario.is_task_filed(1, 2));
  CHECK_FALSE(scenario.has_plan_file("001-summary.md"));
}

TEST_CASE("a task without declared files need not change anything") {
  Scenario scenario;
  scenario.plan(plan_of(Task{"claims done", "none"}));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.is_task_filed(1, 1));
}

TEST_CASE("a declared file may be deleted when the summary says so") {
  Scenario scenario;
  scenario.write("old.txt", "to be removed\n");
  scenario.commit_all("an old file");
  const Task task{"deletes file", "`old.txt`", "`test -e old.txt` fails"};
  SECTION("said") {
    scenario.plan(plan_of(task));
    REQUIRE(scenario.execute().exit == 0);
    CHECK_FALSE(scenario.exists("old.txt"));
  }
  SECTION("not said") {
    scenario.plan(plan_of(Task{"deletes file silently", task.files, task.verify}));
    require_caught_always(scenario, scenario.execute().exit);
    CHECK(scenario.exists("old.txt"));
  }
}

TEST_CASE("a declared file that never existed cannot be deleted") {
  Scenario scenario;
  scenario.plan(plan_of(Task{"deletes file", "`never.txt`", "`true` passes"}));
  require_caught_always(scenario, scenario.execute().exit);
}

TEST_CASE("a link that leads out of the repository is no file") {
  Scenario scenario;
  std::filesystem::create_symlink("/etc/hostname", scenario.project() / "away.txt");
  std::filesystem::create_directory_symlink("/etc", scenario.project() / "sub");
  scenario.commit_all("links that were there before");
  const std::string file = GENERATE("away.txt", "sub/hostname");
  CAPTURE(file);
  scenario.plan(plan_of(Task{"writes wrong file", "`" + file + "`", "`true` passes"}));
  require_caught_always(scenario, scenario.execute().exit);
  CHECK_THAT(gate_findings(scenario), Contains("leads out of the repository"));
}

TEST_CASE("an attempt that leaves a link out of the repository has failed") {
  const auto [how, files] = GENERATE(table<std::string, std::string>({
      {"links out", "`p1t1.txt`"},
      {"links folder out", "`sub/file.txt`"},
      {"links out dangling", "`p1t1.txt`"},
  }));
  CAPTURE(how);
  Scenario scenario(GENERATE(e2e::Where::in_repository, e2e::Where::outside_of_git));
  SECTION("for ever: the task has failed") {
    scenario.plan(plan_of(Task{how, files, "`true` passes"}));
    REQUIRE(scenario.execute().exit == 1);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
    CHECK(scenario.events("gate_checked").empty());
    CHECK(scenario.events("task_failed").size() == 1);
    for (const json& event : scenario.events("attempt_finished"))
      CHECK(event["cause"] == "escaped_workspace");
  }
  SECTION("once: it is tried again from where it began") {
    scenario.plan(plan_of(Task{how + " once", files, "`true` passes"}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "retry"});
    CHECK_FALSE(std::filesystem::is_symlink(scenario.project() / "p1t1.txt"));
    CHECK_FALSE(std::filesystem::is_symlink(scenario.project() / "sub"));
    CHECK_FALSE(std::filesystem::is_symlink(scenario.project() / "away"));
  }
}

TEST_CASE("links inside of the repository, and old ones, are no escape") {
  Scenario scenario;
  SECTION("inside") {
    scenario.plan(1, {"links inside"});
  }
  SECTION("old") {
    std::filesystem::create_symlink("/etc/hostname", scenario.project() / "away.txt");
    scenario.commit_all("a link that was there before");
    scenario.plan(1, {"ok"});
  }
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
}

TEST_CASE("verify commands that hold let a task pass") {
  const std::string verify = GENERATE(
      "`true` passes, `test -s p1t1.txt` passes", "`test -e nothere` fails",
      "`sh -c 'exit 3'` exits 3", "run `test -s p1t1.txt`", "`README.md` names the new file",
      "`p1t1.txt` is there", "Workflow YAML is valid", "`false` — tests exist and fail",
      "`test \"$KONDUCTOR_TASK\" = 1` and `test \"$KONDUCTOR_ROLE\" = executor` pass",
      "`echo a,b; true && true` passes", "\n  - `true` passes\n  - `test -e nothere` fails",
      "\n\n  ```sh\n  test -s p1t1.txt\n  test ! -e nothere\n  ```");
  CAPTURE(verify);
  Scenario scenario;
  scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", verify}));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
}

TEST_CASE("a verify command that does not hold keeps a task from completing") {
  const auto [verify, finding] = GENERATE(table<std::string, std::string>({
      {"`test -s nothere` passes", "test -s nothere"},
      {"`true` passes, `test -e nothere` passes", "test -e nothere"},
      {"`true` fails", "true"},
      {"`sh -c 'exit 4'` exits 3", "exit 4"},
      {"run `false`", "false"},
      {"`no-such-program --version` passes", "command not found"},
      {"\n\n  ```sh\n  false\n  ```", "false"},
  }));
  CAPTURE(verify);
  Scenario scenario;
  scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", verify}));
  require_caught_always(scenario, scenario.execute().exit);
  CHECK_THAT(gate_findings(scenario), Contains(finding));
}

TEST_CASE("a file that a verify field begins a clause with must exist") {
  Scenario scenario;
  scenario.write("old.txt", "to be removed\n");
  scenario.commit_all("an old file");
  scenario.plan(plan_of(Task{"deletes file", "`old.txt`", "`old.txt` is still there"}));
  require_caught_always(scenario, scenario.execute().exit);
  CHECK_THAT(gate_findings(scenario), Contains("old.txt"));
}

TEST_CASE("a verify command that hangs is ended at its limit") {
  Scenario scenario;
  scenario.set("gates.verify_timeout", "\"1s\"");
  scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", "`sleep 600` passes"}));
  const auto ended = scenario.execute();
  require_caught_always(scenario, ended.exit);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("what a verify command leaves behind is not committed") {
  Scenario scenario;
  scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", "`echo x > litter.txt` passes"}));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
  CHECK_FALSE(scenario.exists("litter.txt"));
  CHECK_THAT(scenario.git({"ls-tree", "-r", "--name-only", "HEAD"}), !Contains("litter.txt"));
}

TEST_CASE("a changed file that was not declared is shown to the spec reviewer") {
  Scenario scenario;
  scenario.plan(1, {"writes extra file"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.prompt("spec-reviewer-1-1-1"), Contains("extra.txt"));
  CHECK(scenario.exists("extra.txt"));
}

TEST_CASE("a file that a verify command names may not be changed undeclared") {
  Scenario scenario;
  scenario.write("check.sh", "test -s p1t1.txt\n");
  scenario.commit_all("a check");
  SECTION("for ever") {
    scenario.plan(plan_of(Task{"edits verify script", "`p1t1.txt`", "`sh check.sh` passes"}));
    require_caught_always(scenario, scenario.execute().exit);
    CHECK_THAT(gate_findings(scenario), Contains("check.sh"));
  }
  SECTION("declared") {
    scenario.plan(plan_of(Task{"ok", "`p1t1.txt`, `check.sh`", "`sh -c 'test -s check.sh'`"}));
    REQUIRE(scenario.execute().exit == 0);
  }
}

TEST_CASE("what belongs to the engine or to git is put back and held against the task") {
  const auto [how, path] = GENERATE(table<std::string, std::string>({
      {"edits plan", ".konductor/phases/01/plans/001.md"},
      {"edits state", ".konductor/state.toml"},
      {"edits config", ".konductor/config.toml"},
      {"edits git config", ".git/config"},
      {"adds hook", ".git/hooks/post-checkout"},
      {"writes next summary", ".konductor/phases/01/plans/001-task-2-summary.md"},
      {"edits workspace konductor", ".konductor/phases/01/plans/001-summary.md"},
  }));
  CAPTURE(how);
  Scenario scenario;
  SECTION("for ever: needs a person") {
    scenario.plan(1, {how});
    const std::string before = scenario.read(path);
    require_caught_always(scenario, scenario.execute().exit);
    if (how != "edits state") CHECK(scenario.read(path) == before);
    if (how == "edits state") CHECK_THAT(scenario.read(path), !Contains("edited by the agent"));
  }
  SECTION("once: completes") {
    scenario.plan(1, {how + " once"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  }
}

TEST_CASE("a journal that an agent removed is put back and held against the task") {
  Scenario scenario;
  scenario.plan(1, {"ok", "ok"});
  const std::string database = (scenario.konductor() / "konductor.db").string();
  scenario.set("runtimes.fake.command",
               "[\"/bin/sh\", \"-c\", \"if [ $KONDUCTOR_ATTEMPT = 1 ] && "
               "[ $KONDUCTOR_ROLE = executor ]; then rm -f '" +
                   database + "'; fi; exec '" KONDUCTOR_FAKE_AGENT "'\"]");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  CHECK(scenario.events("gate_checked")[0].dump().find("konductor.db") != std::string::npos);
  REQUIRE(scenario.exists(".konductor/konductor.db"));
  CHECK_FALSE(scenario.exists(".konductor/konductor.db-wal"));
  const auto count = scenario.attempts().size();
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.attempts().size() == count);
  const auto status = scenario.run({"status", "01", "--json"});
  CHECK(status.document()["holistic"] == "passed");
}

TEST_CASE("what an attempt does to its own workspace is held against it while others work") {
  Scenario scenario;
  scenario.plan(1, {"edits workspace konductor once"}).plan(2, {"waits door"});
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("waiting"));
  REQUIRE(scenario.wait_for_event("task_completed"));
  scenario.open_door("door");
  REQUIRE(engine->wait().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
  CHECK(scenario.reasons("executor", 2, 1) == Words{"execute"});
}

TEST_CASE("a foreign branch that an agent moved is put back") {
  Scenario scenario;
  scenario.write("second.txt", "second\n");
  scenario.commit_all("second");
  scenario.git({"branch", "precious", "HEAD~1"});
  const std::string before = scenario.git({"rev-parse", "precious"});
  scenario.plan(1, {"moves foreign ref once"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.git({"rev-parse", "precious"}) == before);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix"});
}

TEST_CASE("a forged summary of the next task completes nothing") {
  Scenario scenario;
  scenario.plan(1, {"writes next summary", "claims done"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK_FALSE(scenario.is_task_filed(1, 2));
  CHECK_FALSE(scenario.attempts("executor", 1, 2).empty());
}

TEST_CASE("what failed before the task began is not held against it when that is wished") {
  Scenario scenario;
  scenario.write("check.sh", "echo run >> \"$FAKE_AGENT_DIR/check.log\"\ntest ! -e broken.txt\n");
  scenario.write("broken.txt", "it never worked\n");
  scenario.commit_all("a broken project");
  const std::string verify = "`sh check.sh` passes";
  SECTION("it is not") {
    scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", verify}));
    require_caught_always(scenario, scenario.execute().exit);
    CHECK_THAT(gate_findings(scenario), Contains("sh check.sh"));
  }
  SECTION("it is") {
    scenario.set("gates.baseline", "true");
    scenario.plan(plan_of(Task{"quality rejects 1", "`p1t1.txt`", verify}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "quality_fix"});
    CHECK_THAT(scenario.events("note_recorded").at(0).dump(), Contains("failed before the task"));
    CHECK_FALSE(scenario.read("p1t1.txt").empty());
    // Twice after an attempt, once before the task.
    CHECK(scenario.read(scenario.agent_directory() / "check.log") == "run\nrun\nrun\n");
  }
  SECTION("in place too") {
    scenario.set("gates.baseline", "true").set("git.isolation", "\"none\"");
    scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", verify}));
    REQUIRE(scenario.execute().exit == 0);
    CHECK_FALSE(scenario.read("p1t1.txt").empty());
  }
}

TEST_CASE("what the task broke is held against it, baseline or not") {
  Scenario scenario;
  scenario.set("gates.baseline", "true");
  SECTION("a command that held") {
    scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", "`test $(ls | grep -c p1t1) = 0` passes"}));
  }
  SECTION("a command about a file that the task was to make") {
    scenario.set("gates.declared_files", "false");
    scenario.plan(plan_of(Task{"writes wrong file", "`p1t1.txt`", "`test -s p1t1.txt` passes"}));
  }
  SECTION("a command that has to fail") {
    scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", "`true` fails"}));
  }
  require_caught_always(scenario, scenario.execute().exit);
}

TEST_CASE(
    "an engine killed while it looks at what was before the task goes on from the task's work") {
  Scenario scenario(GENERATE(e2e::Where::in_repository, e2e::Where::outside_of_git));
  scenario.write("check.sh",
                 "test -e p1t1.txt && exit 1\n"
                 "echo here > \"$FAKE_AGENT_DIR/before\"\n"
                 "while ! test -e \"$FAKE_AGENT_DIR/door\"; do sleep 0.05; done\nexit 1\n");
  if (scenario.exists(".git")) scenario.commit_all("a broken project");
  scenario.set("gates.baseline", "true");
  Plan plan = plan_of(Task{"ok", "`p1t1.txt`", "`sh check.sh` passes"});
  plan.tasks.push_back(Task{"ok"});
  scenario.plan(plan);
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_while_running(
      [&] { return std::filesystem::exists(scenario.agent_directory() / "before"); }));
  engine->send(SIGKILL);
  engine->wait();
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
  CHECK_FALSE(scenario.read("p1t1.txt").empty());
  CHECK_FALSE(scenario.read("p1t2.txt").empty());
}

TEST_CASE("each gate can be turned off") {
  Scenario scenario;
  SECTION("changed") {
    scenario.set("gates.changed", "false").set("gates.declared_files", "false");
    scenario.plan(plan_of(Task{"claims done", "`p1t1.txt`", "it looks right"}));
  }
  SECTION("declared files") {
    scenario.set("gates.declared_files", "false");
    scenario.plan(plan_of(Task{"writes wrong file", "`p1t1.txt`", "it looks right"}));
  }
  SECTION("verify") {
    scenario.set("gates.verify", "false");
    scenario.plan(plan_of(Task{"ok", "`p1t1.txt`", "`false` passes"}));
  }
  SECTION("protected files") {
    scenario.set("gates.protected_files", "false").plan(1, {"edits state"});
  }
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute"});
}

TEST_CASE("gates count as rounds of the stage that they interrupt") {
  Scenario scenario;
  SECTION("one failed gate leaves one round to the spec reviewer") {
    scenario.plan(1, {"claims done once; spec rejects 1"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix", "spec_fix"});
  }
  SECTION("and no second one") {
    scenario.plan(1, {"claims done once; spec rejects 2"});
    REQUIRE(scenario.execute().exit == 1);
    CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix", "spec_fix"});
    CHECK(scenario.attempts("spec-reviewer").size() == 2);
    CHECK(scenario.events("task_needs_manual").size() == 1);
  }
}

TEST_CASE("with reviews off gates have two rounds of their own") {
  Scenario scenario;
  scenario.set("features.code_review", "false");
  SECTION("enough") {
    scenario.plan(1, {"claims done twice"});
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.is_task_filed(1, 1));
  }
  SECTION("not enough") {
    scenario.plan(1, {"claims done 3"});
    REQUIRE(scenario.execute().exit == 1);
    CHECK_FALSE(scenario.is_task_filed(1, 1));
  }
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "spec_fix", "spec_fix"});
}

TEST_CASE("gates run after fixes for the quality reviewer too") {
  Scenario scenario;
  scenario.plan(plan_of(Task{"quality rejects 1", "`p1t1.txt`",
                             "`echo run >> \"$FAKE_AGENT_DIR/verify.log\"` passes"}));
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.read(scenario.agent_directory() / "verify.log").size() >= 8);
  CHECK(scenario.reasons("executor", 1, 1) == Words{"execute", "quality_fix"});
}

TEST_CASE("commits that the agent made itself are kept") {
  Scenario scenario;
  scenario.plan(1, {"commits itself"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK_THAT(scenario.git({"log", "--format=%s", "HEAD"}), Contains("the agent's own commit"));
  CHECK(scenario.exists("p1t1.txt"));
}
