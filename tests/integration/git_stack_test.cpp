// SPDX-License-Identifier: MIT
// git.branching_strategy = "plan": where plans begin, and what the result is.
#include "platform/git_stack.hpp"

#include <catch2/catch.hpp>

#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;
using Plans = std::vector<ports::PlanNumber>;
using platform::GitWorkspaces;
using platform::git::stacking_order;

namespace {

struct Stacked {
  explicit Stacked(platform::git::PlanDependencies dependencies) : workspaces(stacked(project)) {
    workspaces.set_dependencies(dependencies);
    require(workspaces.prepare());
  }

  static platform::WorkspacesOptions stacked(const GitProject& project) {
    auto options = project.options();
    options.branching_strategy = "plan";
    return options;
  }

  // A plan's work from its beginning to its end; returns its commit.
  std::string work(int plan, const std::string& path, const std::string& text) {
    const auto workspace = require(workspaces.open(plan));
    GitProject::put(workspace.directory / path, text);
    const std::string head = require(workspaces.snapshot(workspace, {"feat: a task\n"}));
    const auto merged = require(workspaces.merge(plan, {"merge\n"}));
    CHECK(merged.is_clean);
    CHECK(merged.commit == head);
    require(workspaces.close(plan));
    return head;
  }

  GitProject project;
  GitWorkspaces workspaces;
};

}  // namespace

TEST_CASE("plans are stacked behind what they depend on") {
  CHECK(stacking_order({}).empty());
  CHECK(stacking_order({{1, {}}, {2, {}}, {3, {1}}}) == Plans{1, 2, 3});
  CHECK(stacking_order({{1, {3}}, {2, {1}}, {3, {}}}) == Plans{3, 1, 2});
  // What is not there does not hold anything up.
  CHECK(stacking_order({{2, {1}}}) == Plans{2});
}

TEST_CASE("a plan begins where the plans that it depends on end") {
  Stacked it({{1, {}}, {2, {}}, {3, {1}}, {4, {1, 3}}, {5, {1, 2}}});
  const std::string first = it.work(1, "one.txt", "1\n");
  const std::string second = it.work(2, "two.txt", "2\n");
  const auto third = require(it.workspaces.open(3));
  CHECK(third.head == first);
  CHECK(third.base == first);
  const std::string done = it.work(3, "three.txt", "3\n");
  // Plan 1 lies below plan 3 already.
  CHECK(require(it.workspaces.open(4)).head == done);
  const auto fifth = require(it.workspaces.open(5));
  CHECK(fs::exists(fifth.directory / "one.txt"));
  CHECK(fs::exists(fifth.directory / "two.txt"));
  CHECK(it.project.git({"rev-parse", fifth.head + "^1"}) == first);
  CHECK(it.project.git({"rev-parse", fifth.head + "^2"}) == second);
  // The same again, however often it is asked for.
  CHECK(require(it.workspaces.open(5)).head == fifth.head);
  require(it.workspaces.close(5));
  CHECK(require(it.workspaces.open(5)).head == fifth.head);
  CHECK(it.project.complaints().empty());
}

TEST_CASE("a plan without work follows what it depends on, one with work stays") {
  Stacked it({{1, {}}, {2, {1}}});
  it.work(1, "one.txt", "1\n");
  require(it.workspaces.open(2));
  const std::string more = it.work(1, "one.txt", "more\n");
  CHECK(require(it.workspaces.open(2)).head == more);
  const std::string own = it.work(2, "two.txt", "2\n");
  it.work(1, "one.txt", "still more\n");
  CHECK(require(it.workspaces.open(2)).head == own);
  // Then its branch alone is not the result.
  const auto delivery = require(it.workspaces.deliver());
  CHECK(delivery.command ==
        "git merge konductor/01/plan-001/work && git merge konductor/01/plan-002/work");
  REQUIRE(delivery.behind.size() == 1);
  CHECK(delivery.behind.front().branch == "konductor/01/plan-002/work");
  CHECK(delivery.behind.front().of == std::vector<std::string>{"konductor/01/plan-001/work"});
}

TEST_CASE("the holistic review begins with all plans, and with plans that come later") {
  Stacked it({{1, {}}, {2, {}}});
  it.work(1, "one.txt", "1\n");
  it.work(2, "two.txt", "2\n");
  it.work(0, "fix.txt", "f\n");
  CHECK(require(it.workspaces.deliver()).command == "git merge konductor/01/holistic/work");
  it.workspaces.set_dependencies({{1, {}}, {2, {}}, {3, {2}}});
  require(it.workspaces.prepare());
  it.work(3, "three.txt", "3\n");
  const auto tree = require(it.workspaces.open(0));
  for (const char* name : {"one.txt", "two.txt", "three.txt", "fix.txt"})
    CHECK(fs::exists(tree.directory / name));
}

TEST_CASE("what the user commits meanwhile is in the tree of the holistic review") {
  Stacked it(platform::git::PlanDependencies{{1, {}}});
  it.work(1, "one.txt", "1\n");
  it.project.write("mine.txt", "m\n");
  const std::string mine = it.project.commit("mine");
  require(it.workspaces.prepare());
  const auto tree = require(it.workspaces.open(0));
  CHECK(fs::exists(tree.directory / "one.txt"));
  const auto base = require(it.workspaces.phase_base());
  CHECK(lines_of(require(it.workspaces.changes(base, tree.head))) ==
        std::vector<std::string>{"A one.txt"});
  CHECK(it.project.head() == mine);
}

TEST_CASE("plans that do not fit together are an error with the commands") {
  Stacked it({{1, {}}, {2, {}}, {3, {1, 2}}});
  it.work(1, "shared.txt", "1\n");
  it.work(2, "shared.txt", "2\n");
  for (const int plan : {3, 0}) {
    const auto opened = it.workspaces.open(plan);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::conflict);
    CHECK_THAT(opened.error().message, Contains("shared.txt") && Contains("git switch -c") &&
                                           Contains("git merge konductor/01/plan-002/work"));
  }
  CHECK_FALSE(
      it.project.git_succeeds({"rev-parse", "-q", "--verify", "konductor/01/plan-003/work"}));
}

TEST_CASE("stacked plans are home once the user's branch has all of them") {
  Stacked it({{1, {}}, {2, {}}});
  it.work(1, "one.txt", "1\n");
  it.work(2, "two.txt", "2\n");
  const auto delivery = require(it.workspaces.deliver());
  CHECK_FALSE(delivery.is_delivered);
  CHECK(delivery.branches ==
        std::vector<std::string>{"konductor/01/plan-001/work", "konductor/01/plan-002/work"});
  it.project.git({"merge", "-q", "konductor/01/plan-001/work"});
  CHECK_FALSE(require(it.workspaces.deliver()).is_delivered);
  it.project.git({"merge", "-q", "konductor/01/plan-002/work"});
  CHECK(require(it.workspaces.deliver()).is_delivered);
}
