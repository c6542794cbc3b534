// SPDX-License-Identifier: MIT
// Reviewers have a copy of the plan's tree to themselves: what they do there is not in the
// executor's way, however they or their engine end.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"
#include "support/landlock.hpp"
#include "support/overlays.hpp"

using Catch::Matchers::Contains;
using e2e::Attempt;
using e2e::json;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

void have_copies(Scenario& scenario) {
  scenario.set("review.workspace", "\"copy\"");
}

fs::path trees(const Scenario& scenario) {
  return scenario.konductor() / "worktrees";
}

// Whether the attempt found it at the top of its tree.
bool found(const Attempt& attempt, const std::string& name) {
  const json& files = attempt.start.at("files");
  return std::find(files.begin(), files.end(), json(name)) != files.end();
}

// One task whose verify command builds something that git ignores.
void plan_that_builds(Scenario& scenario, const std::string& title) {
  Plan plan;
  plan.tasks = {Task{title, "`p1t1.txt`",
                     "`mkdir -p build && echo built > build/out.o && test -s p1t1.txt` passes"}};
  scenario.plan(plan);
}

void check_nothing_left(const Scenario& scenario) {
  CHECK(scenario.count_worktrees() == 1);
  CHECK_FALSE(fs::exists(trees(scenario)));
  CHECK_FALSE(scenario.exists(".git/worktrees"));
}

// Of the small plan's tree while reviews go on.
void check_executors_tree(const Scenario& scenario) {
  const fs::path tree = trees(scenario) / "01-plan-001";
  CHECK(scenario.read(tree / "p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read(tree / "README.md") == scenario.read("README.md"));
  CHECK(scenario.read(tree / ".gitignore") == scenario.read(".gitignore"));
  CHECK(scenario.read(tree / "build/out.o") == "built\n");
}

Words causes(const Scenario& scenario, const std::string& role) {
  Words all;
  for (const json& event : scenario.events("attempt_finished"))
    if (event.at("role") == role) all.push_back(event.at("cause").get<std::string>());
  return all;
}

std::size_t count_lines(const std::string& text, const std::string& end) {
  std::size_t count = 0;
  for (auto at = text.find(end + "\n"); at != std::string::npos; at = text.find(end + "\n", at + 1))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("reviewers work in a copy of the plan's tree, or in the tree where that is wished") {
  Scenario scenario;
  std::string end = "-review";
  SECTION("in a copy") {
    scenario.set("review.workspace", "\"auto\"");
  }
  SECTION("in a copy that is an overlay") {
    if (!konductor::test::has_overlays()) return;
    have_copies(scenario);
    scenario.set("git.overlay", "true");
  }
  SECTION("not where trees have to be set up") {
    scenario.set("workspace.setup", "[\"true\"]").set("review.workspace", "\"auto\"");
    end = "";
  }
  SECTION("but there, too, if it is asked for") {
    scenario.set("workspace.setup", "[\"true\"]").set("review.workspace", "\"copy\"");
  }
  SECTION("not if it is refused") {
    scenario.set("review.workspace", "\"shared\"");
    end = "";
  }
  scenario.plan(1, {"ok", "spec rejects 1"});
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  for (const Attempt& attempt : scenario.attempts()) {
    const std::string tree = attempt.plan == 0 ? "01-holistic" : "01-plan-001";
    const bool is_reviewer = attempt.role != "executor";
    INFO(attempt.text());
    CHECK(fs::path(attempt.cwd).filename() == tree + (is_reviewer ? end : ""));
  }
  check_nothing_left(scenario);
}

TEST_CASE("executor and reviewers build beside each other") {
  Scenario scenario;
  have_copies(scenario);
  plan_that_builds(scenario, "spec rejects 1; reviewer builds");
  REQUIRE(scenario.execute().exit == 0);
  CHECK_FALSE(found(scenario.attempts("spec-reviewer").at(0), "build"));
  CHECK(found(scenario.attempts("spec-reviewer").at(0), "p1t1.txt"));
  CHECK_FALSE(found(scenario.attempts("spec-reviewer").at(1), "build"));
  // What one reviewer built is there for the next.
  CHECK(found(scenario.attempts("code-reviewer", 1).at(0), "build"));
  CHECK(found(scenario.attempts("executor", 1, 1).at(1), "build"));
  check_nothing_left(scenario);
}

TEST_CASE("a reviewer that wrecks its copy is in nobody's way, whoever is killed then") {
  Scenario scenario;
  have_copies(scenario);
  plan_that_builds(scenario, "reviewer wrecks once");
  const std::string how = GENERATE("nobody", "the reviewer", "the engine", "the engine alone");
  CAPTURE(how);
  if (how == "the engine") scenario.set("execution.on_engine_death", "\"stop\"");
  auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_log("wrecked"));
  check_executors_tree(scenario);
  CHECK(scenario.read(trees(scenario) / "01-plan-001-review/README.md") == "wrecked\n");
  int exit = 0;
  if (how == "nobody") {
    scenario.open_door("door");
    exit = engine->wait().exit;
  } else if (how == "the reviewer") {
    ::kill(scenario.attempts("spec-reviewer").at(0).pid, SIGKILL);
    exit = engine->wait().exit;
  } else {
    engine->send(SIGKILL);
    engine->wait();
    check_executors_tree(scenario);
    if (how == "the engine") {
      const pid_t reviewer = scenario.attempts("spec-reviewer").at(0).pid;
      REQUIRE(e2e::wait_until([&] { return ::kill(reviewer, 0) != 0; }));
    }
    scenario.open_door("door");
    exit = scenario.execute().exit;
    const bool is_adopted = how == "the engine alone";
    CHECK(scenario.events("attempt_adopted").empty() == !is_adopted);
  }
  CHECK(exit == 0);
  const std::string first = how == "the engine" ? "interrupted" : "changed_workspace";
  CHECK(causes(scenario, "spec-reviewer") == Words{first, "done"});
  CHECK(scenario.attempts("executor", 1).size() == 1);
  const Attempt second = scenario.attempts("spec-reviewer").at(1);
  CHECK(found(second, "p1t1.txt"));
  CHECK(found(second, ".gitignore"));
  CHECK(scenario.read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(scenario.read("README.md") != "wrecked\n");
  check_nothing_left(scenario);
}

TEST_CASE("a reviewer whose engine died goes on in its copy, whatever is configured by then") {
  Scenario scenario;
  have_copies(scenario);
  scenario.plan(1, {"reviewer lingers"});
  std::string then = "shared";
  SECTION("it had a copy") {}
  SECTION("it had none") {
    scenario.set("review.workspace", "\"shared\"");
    then = "copy";
  }
  scenario.execute_and_kill_at("lingering");
  scenario.set("review.workspace", "\"" + then + "\"");
  const auto engine = scenario.start_execute();
  REQUIRE(scenario.wait_for_event("attempt_adopted"));
  scenario.open_door("door");
  CHECK(engine->wait().exit == 0);
  CHECK(scenario.attempts("spec-reviewer").size() == 1);
  CHECK(causes(scenario, "spec-reviewer") == Words{"done"});
  CHECK(scenario.is_task_filed(1, 1));
  check_nothing_left(scenario);
}

TEST_CASE("a copy that a killed engine left goes with the next run, though nobody reviews there") {
  Scenario scenario;
  have_copies(scenario);
  scenario.set("execution.on_engine_death", "\"stop\"").plan(1, {"reviewer lingers"});
  scenario.execute_and_kill_at("lingering");
  REQUIRE(fs::exists(trees(scenario) / "01-plan-001-review"));
  scenario.set("review.workspace", "\"shared\"").open_door("door");
  REQUIRE(scenario.execute().exit == 0);
  check_nothing_left(scenario);
}

TEST_CASE("a plan that waits for a person keeps its tree, and not the copy") {
  Scenario scenario;
  have_copies(scenario);
  scenario.plan(1, {"spec rejects 3"});
  REQUIRE(scenario.execute().exit == 1);
  CHECK(fs::exists(trees(scenario) / "01-plan-001/p1t1.txt"));
  CHECK_FALSE(fs::exists(trees(scenario) / "01-plan-001-review"));
  CHECK(scenario.count_worktrees() == 2);
  CHECK_FALSE(scenario.exists(".git/worktrees/01-plan-001-review"));
}

TEST_CASE("a copy is set up once, as its plan's tree was") {
  Scenario scenario;
  have_copies(scenario);
  const fs::path said = scenario.agent_directory() / "set-up";
  scenario.write(".gitignore", "build/\n.env\n");
  scenario.commit_all("ignore more");
  scenario.write(".env", "port 4711\n");
  scenario.set("workspace.copy", "[\".env\"]").set("review.workspace", "\"copy\"");
  scenario.set("workspace.setup", "['test -e .env && pwd >> " + said.string() +
                                      " && mkdir -p build && echo x > build/x"
                                      " && echo x > not-ignored && echo x > README.md']");
  scenario.plan(1, {"ok", "spec rejects 1"});
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  const std::string places = scenario.read(said);
  CHECK(count_lines(places, "/01-plan-001") == 1);
  CHECK(count_lines(places, "/01-plan-001-review") == 1);
  for (const std::string& cause : causes(scenario, "spec-reviewer"))
    CHECK(cause == "done");
  CHECK(found(scenario.attempts("spec-reviewer").at(0), "build"));
  CHECK_FALSE(found(scenario.attempts("spec-reviewer").at(0), "not-ignored"));
}

TEST_CASE("a confined reviewer writes its copy and not the executor's tree") {
  if (!konductor::test::has_landlock()) return;
  Scenario scenario;
  have_copies(scenario);
  scenario.set("execution.sandbox", "\"landlock\"");
  scenario.set("sandbox.write", "[\"" + scenario.agent_directory().string() + "\"]");
  scenario.plan(1, {"reviewer reaches over"});
  const auto ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.log("refused").size() == 1);
  CHECK(scenario.log("let through").empty());
  CHECK(scenario.attempts("spec-reviewer").size() == 1);
  CHECK(found(scenario.attempts("code-reviewer", 1).at(0), "build"));
}

TEST_CASE("a reviewer that nothing keeps from the executor's tree is caught, and it is put back") {
  Scenario scenario;
  have_copies(scenario);
  scenario.plan(1, {"reviewer reaches over once"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.log("let through").size() == 1);
  CHECK(causes(scenario, "spec-reviewer") == Words{"changed_workspace", "done"});
  CHECK_THAT(scenario.events("attempt_finished").at(1).dump(), Contains("README.md"));
  CHECK_THAT(scenario.read("README.md"), !Contains("by the reviewer"));
}
