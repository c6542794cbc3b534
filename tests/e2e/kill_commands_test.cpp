// SPDX-License-Identifier: MIT
// `rollback` and `clean` are killed at every single point where a kill can leave something half
// done. Calling them again, or running the phase, comes to the end that it should.
#include <signal.h>

#include <catch2/catch.hpp>

#include "e2e/kill_point.hpp"
#include "e2e/scenario.hpp"
#include "support/in_memory.hpp"

using e2e::Scenario;
using e2e::Where;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

// True when it was killed, false when it came to its end before.
bool run_to(Scenario& scenario, const Words& words, long at) {
  e2e::arm(scenario, "all", at);
  const e2e::Ended ended = scenario.run(words);
  e2e::disarm(scenario);
  if (ended.exit != -SIGKILL) REQUIRE(ended.exit == 0);
  return ended.exit == -SIGKILL;
}

void require_tidy(const Scenario& scenario) {
  for (const auto& entry : fs::recursive_directory_iterator(scenario.project())) {
    const std::string name = entry.path().filename();
    CAPTURE(entry.path().string());
    CHECK(entry.path().extension() != ".lock");
    CHECK(name.rfind(".trash", 0) != 0);
  }
  CHECK(scenario.git({"fsck", "--strict", "--no-dangling", "--no-progress"}).empty());
}

void require_done(Scenario& scenario) {
  scenario.open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  for (const int task : {1, 2, 3}) {
    CHECK(scenario.read(e2e::own_file(1, task)) == "plan 1 task " + std::to_string(task) + "\n");
    CHECK(scenario.is_task_filed(1, task));
  }
  CHECK(scenario.state("current.step") == "executed");
}

}  // namespace

TEST_CASE("a rollback killed at any point is finished by the next one or the next run", "[sweep]") {
  const bool is_called_again = GENERATE(true, false);
  const konductor::test::InMemory in_memory;
  for (long at = 1;; ++at) {
    Scenario scenario;
    scenario.plan(1, {"ok", "ok", "crashes before door"});
    REQUIRE(scenario.execute().exit == 1);
    const std::string undone = trimmed(scenario.git({"rev-parse", "konductor/01/plan-001/work"}));
    const bool was_killed = run_to(scenario, {"rollback", "01/001/2"}, at);
    const std::string point = e2e::last_point(scenario);
    CAPTURE(point);
    if (is_called_again) {
      REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
      CHECK_FALSE(scenario.has_plan_file("001-task-2-summary.md"));
    }
    require_done(scenario);
    const std::size_t times = scenario.attempts("executor", 1, 2).size();
    if (is_called_again) CHECK(times == 2);
    CHECK((times == 1 || times == 2));
    // Wherever it ended up, it is not lost.
    CHECK(scenario.git({"rev-list", "--all"}).find(undone) != std::string::npos);
    require_tidy(scenario);
    if (!was_killed) break;
  }
}

TEST_CASE("a rollback in place that was killed is not finished over what a person changed since",
          "[sweep]") {
  const konductor::test::InMemory in_memory;
  for (long at = 1;; ++at) {
    Scenario scenario(Where::outside_of_git);
    scenario.write("notes.txt", "mine\n");
    scenario.plan({1, 1, {}, {{"ok"}, {"ok", "`notes.txt`, `p1t2.txt`"}, {"crashes before door"}}});
    REQUIRE(scenario.execute().exit == 1);
    const bool was_killed = run_to(scenario, {"rollback", "01/001/2"}, at);
    const std::string point = e2e::last_point(scenario);
    CAPTURE(point);
    scenario.write(e2e::own_file(1, 1), "by hand\n");
    CHECK(scenario.run({"rollback", "01/001/2"}).exit == 2);
    CHECK(scenario.read(e2e::own_file(1, 1)) == "by hand\n");
    scenario.write(e2e::own_file(1, 1), "plan 1 task 1\n");
    REQUIRE(scenario.run({"rollback", "01/001/2"}).exit == 0);
    CHECK(scenario.read("notes.txt") == "mine\n");
    require_done(scenario);
    if (!was_killed) break;
  }
}

TEST_CASE("a clean killed at any point is finished by the next one, before a run or after it",
          "[sweep]") {
  const bool is_run_between = GENERATE(true, false);
  const konductor::test::InMemory in_memory;
  for (long at = 1;; ++at) {
    Scenario scenario;
    scenario.plan(1, {"ok"}).plan(2, {"ok"});
    REQUIRE(scenario.execute().exit == 0);
    const auto tree = scenario.tree();
    if (at % 2 == 0) scenario.git({"pack-refs", "--all"});
    const bool was_killed = run_to(scenario, {"clean"}, at);
    const std::string point = e2e::last_point(scenario);
    CAPTURE(point);
    if (is_run_between) {
      REQUIRE(scenario.execute().exit == 0);
      CHECK(scenario.attempts("executor").size() == 2);
    }
    REQUIRE(scenario.run({"clean"}).exit == 0);
    CHECK(scenario.git({"for-each-ref", "refs/heads/konductor", "refs/konductor"}).empty());
    CHECK(scenario.count_worktrees() == 1);
    CHECK(scenario.tree() == tree);
    require_tidy(scenario);
    if (!was_killed) break;
  }
}

TEST_CASE("a clean of a killed run's pool that is killed at any point is finished by the next one",
          "[sweep]") {
  const konductor::test::InMemory in_memory;
  for (long at = 1;; ++at) {
    Scenario scenario;
    scenario.set("features.code_review", "false");
    scenario.plan(1, {"ok"}).plan(2, {"waits door"});
    const auto engine = scenario.start_execute();
    REQUIRE(scenario.wait_for_event("plan_completed"));
    REQUIRE(scenario.wait_for_log("waiting"));
    engine->send(SIGKILL);
    engine->wait();
    const fs::path tree = scenario.konductor() / "worktrees/.trash-01-pool-1";
    const fs::path admin = scenario.project() / ".git/worktrees/01-pool-1";
    REQUIRE(fs::exists(tree / "p1t1.txt"));
    e2e::arm(scenario, "all", at);
    const bool was_killed = scenario.run({"clean"}).exit == -SIGKILL;
    e2e::disarm(scenario);
    const std::string point = e2e::last_point(scenario);
    CAPTURE(point);
    const auto next = scenario.run({"clean"});
    CHECK_THAT(next.err, !Catch::Matchers::Contains("01-pool-1"));
    CHECK_FALSE(fs::exists(tree));
    CHECK_FALSE(fs::exists(admin));
    scenario.open_door("door");
    REQUIRE(scenario.execute().exit == 0);
    CHECK(scenario.attempts("executor", 1, 1).size() == 1);
    require_tidy(scenario);
    if (!was_killed) break;
  }
}
