// SPDX-License-Identifier: MIT
// Runs whose work trees are overlays, as root and as a user without privileges.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "e2e/scenario.hpp"
#include "support/overlay_files.hpp"
#include "support/overlays.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

enum class Who { tester, somebody };

// False when the kernel does not let such a user have overlays, which is told.
bool prepare(Scenario& scenario, Who who) {
  scenario.set("git.overlay", "true");
  if (who == Who::tester) return konductor::test::has_overlays();
  if (::geteuid() != 0) {
    WARN("skipped: only root can become somebody else");
    return false;
  }
  scenario.as_somebody();
  Scenario trial;
  trial.set("git.overlay", "true").as_somebody().plan(1, {"ok"});
  const std::string said = trial.execute().err;
  const auto note = said.find("git.overlay is not possible");
  if (note != std::string::npos) WARN("skipped, the kernel refuses: " << said.substr(note));
  return note == std::string::npos;
}

Who either() {
  return GENERATE(Who::tester, Who::somebody);
}

// Holds in a work tree that is an overlay, where that is asked for.
std::string is_mounted(bool is_wanted) {
  return std::string(is_wanted ? "`" : "`! ") +
         "grep -q \"$PWD .* - overlay\" /proc/self/mountinfo`";
}

void commit_sources(const Scenario& scenario) {
  konductor::test::put_sources(scenario.project());
  scenario.commit_all("sources");
}

fs::path trees(const Scenario& scenario) {
  return scenario.konductor() / "worktrees";
}

fs::path first_tree(const Scenario& scenario) {
  return trees(scenario) / "01-plan-001";
}

void require_nothing_left(const Scenario& scenario) {
  CHECK(scenario.count_worktrees() == 1);
  CHECK_FALSE(fs::exists(trees(scenario)));
  CHECK(scenario.living_agents().empty());
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling", "--no-progress"}).empty());
}

// One plan whose second task writes half of its work and waits at a door.
void make_waiting_phase(Scenario& scenario) {
  scenario.set("features.code_review", "false");
  commit_sources(scenario);
  Plan plan;
  plan.tasks = {Task{"rearranges", "none", "`true`"}, Task{"writes and waits door"}};
  scenario.plan(plan);
}

void kill_while_waiting(Scenario& scenario) {
  scenario.execute_and_kill_at("waiting");
  // From outside there is only a note, whether the agent lives or not.
  CHECK(fs::exists(first_tree(scenario) / "READ-ME.txt"));
  CHECK_FALSE(fs::exists(first_tree(scenario) / "README.md"));
}

void require_finished(Scenario& scenario, const Ended& ended) {
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-2-2"),
             Contains("What an earlier attempt left") && Contains("+half"));
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.read("plain/inside.txt") == "a folder now\n");
  CHECK(scenario.read("p1t2.txt") == "plan 1 task 2\n");
  CHECK_FALSE(scenario.exists("half.txt"));
  require_nothing_left(scenario);
}

}  // namespace

TEST_CASE("a phase comes to the same result on overlays as on plain work trees") {
  const Who who = either();
  Words results;
  for (const bool is_overlay : {false, true}) {
    Scenario scenario;
    if (!prepare(scenario, who)) return;
    scenario.set("git.overlay", is_overlay ? "true" : "false");
    commit_sources(scenario);
    const std::string how = is_mounted(is_overlay);
    Plan first;
    first.tasks = {Task{"meets 2; rearranges", "none", how}, Task{"ok", "", how}};
    Plan second;
    second.number = 2;
    second.tasks = {Task{"meets 2", "", how + ", `! test -d plain`"}};
    Plan third;
    third.number = 3;
    third.wave = 2;
    third.depends_on = {1, 2};
    third.tasks = {Task{"ok", "", how + ", `test -s p1t2.txt`, `test -s plain/inside.txt`"}};
    scenario.plan(first).plan(second).plan(third);
    const Ended ended = scenario.execute();
    INFO(ended.err);
    REQUIRE(ended.exit == 0);
    CHECK_THAT(ended.err, !Contains("git.overlay"));
    require_nothing_left(scenario);
    results.push_back(scenario.git({"ls-tree", "-r", "HEAD"}));
  }
  CHECK(results.front() == results.back());
  CHECK_THAT(results.back(), Contains("100755 blob") && Contains("120000 blob"));
}

TEST_CASE("a run on overlays that was killed goes on without loss") {
  Scenario scenario;
  if (!prepare(scenario, either())) return;
  make_waiting_phase(scenario);
  kill_while_waiting(scenario);
  // Its files were in mounts that nobody else sees.
  REQUIRE(e2e::wait_until([&] { return scenario.living_agents().empty(); }));
  SECTION("on overlays") {
    const Ended ended = scenario.execute();
    CHECK_THAT(ended.err, !Contains("git.overlay"));
    CHECK(scenario.events("attempt_adopted").empty());
    require_finished(scenario, ended);
  }
  SECTION("on plain work trees") {
    scenario.set("git.overlay", "false");
    require_finished(scenario, scenario.execute());
  }
}

TEST_CASE("a reviewer that ended in a killed engine's overlay is begun anew on plain work trees") {
  Scenario scenario;
  if (!prepare(scenario, Who::tester)) return;
  scenario.set("review.workspace", "\"copy\"").plan(1, {"reviewer lingers"});
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("lingering"));
  // It ends by itself while its engine cannot take notice.
  engine->send(SIGSTOP);
  scenario.open_door("door");
  const std::string run = scenario.attempts("spec-reviewer").at(0).run;
  const fs::path record = ".konductor/runs/" + run + "/001-task-1-spec-reviewer-1/process.json";
  REQUIRE(e2e::wait_until([&] { return Contains("exit_code").match(scenario.read(record)); }));
  engine->send(SIGKILL);
  engine->wait();
  scenario.set("git.overlay", "false");
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.events("attempt_adopted").empty());
  CHECK(scenario.attempts("executor", 1, 1).size() == 1);
  CHECK(scenario.attempts("spec-reviewer").size() == 2);
  CHECK(scenario.is_task_filed(1, 1));
  require_nothing_left(scenario);
}

TEST_CASE("a plan on an overlay that needs a person is left as a plain work tree") {
  Scenario scenario;
  if (!prepare(scenario, either())) return;
  scenario.set("features.code_review", "false");
  commit_sources(scenario);
  Plan plan;
  plan.tasks = {Task{"rearranges", "none", "`true`"}, Task{"writes and is blocked"}};
  scenario.plan(plan);
  REQUIRE(scenario.execute().exit == 4);
  const fs::path tree = first_tree(scenario);
  CHECK(std::distance(fs::directory_iterator(trees(scenario)), fs::directory_iterator()) == 1);
  CHECK(konductor::test::read_file(tree / "plain/inside.txt") == "a folder now\n");
  CHECK_FALSE(fs::exists(tree / "again/four.txt"));
  CHECK(fs::exists(tree / "build/ignored.o"));
  CHECK(konductor::test::read_file(tree / "half.txt") == "half\n");
  CHECK(scenario.git({"-C", tree, "status", "--porcelain"}).empty());
  CHECK(scenario.git({"-C", tree, "rev-parse", "--abbrev-ref", "HEAD"}) ==
        "konductor/01/plan-001/work\n");
  CHECK_THAT(scenario.git({"worktree", "list", "--porcelain"}), !Contains("locked"));
}

TEST_CASE("a rollback finds the work of a killed run on overlays") {
  Scenario scenario;
  if (!prepare(scenario, either())) return;
  make_waiting_phase(scenario);
  kill_while_waiting(scenario);
  const Ended ended = scenario.run({"rollback", "01/001/1"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(konductor::test::read_file(first_tree(scenario) / "plain") == "plain\n");
  const std::string kept =
      scenario.git({"for-each-ref", "--format=%(refname)", "refs/konductor/*/rolled-back/*"});
  CHECK_FALSE(kept.empty());
  CHECK(scenario.git({"show", kept.substr(0, kept.find('\n')) + ":half.txt"}) == "half\n");
}

TEST_CASE("a clean removes what a killed run on overlays has left") {
  Scenario scenario;
  if (!prepare(scenario, either())) return;
  make_waiting_phase(scenario);
  kill_while_waiting(scenario);
  for (const pid_t pid : scenario.living_agents())
    ::kill(pid, SIGKILL);
  const auto document = scenario.run({"clean", "--force", "01-plan-001", "--json"}).document();
  REQUIRE(document["kept"].size() == 1);
  const std::string kept = document["kept"][0];
  CHECK(scenario.git({"show", kept + ":half.txt"}) == "half\n");
  require_nothing_left(scenario);
}

TEST_CASE("where overlays are not possible a run says so once and takes plain work trees") {
  Scenario scenario;
  scenario.set("git.overlay", "true").set("features.code_review", "false");
  Plan plan;
  plan.tasks = {Task{"ok", "", is_mounted(false)}};
  scenario.plan(plan);
  // No namespaces for anybody in there.
  scenario.behind({"unshare", "--user", "--map-root-user", "sh", "-c",
                   "echo 0 > /proc/sys/user/max_mnt_namespaces && exec \"$0\" \"$@\""});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  if (ended.err.find("unshare") == 0) {
    WARN("skipped: " << ended.err);
    return;
  }
  REQUIRE(ended.exit == 0);
  const std::string note =
      "konductor: note: git.overlay is not possible here, ordinary worktrees "
      "are used: cannot make a mount namespace: ";
  CHECK_THAT(ended.err, Contains(note));
  CHECK(ended.err.find("git.overlay") == ended.err.rfind("git.overlay"));
  require_nothing_left(scenario);
}
