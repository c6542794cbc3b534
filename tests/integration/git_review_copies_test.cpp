// SPDX-License-Identifier: MIT
// A second tree for a plan, in which its work is judged.
#include <catch2/catch.hpp>

#include "platform/git_cleanup.hpp"
#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitWorkspaces;
using ports::TreeUse;
using Lines = std::vector<std::string>;

namespace {

// A plan with a commit, and ignored files in its tree.
struct Reviewed {
  GitProject project;
  GitWorkspaces workspaces{project.options()};
  ports::Workspace plan;

  Reviewed() {
    require(workspaces.prepare());
    plan = require(workspaces.open(1));
    GitProject::put(plan.directory / "work.txt", "work\n");
    GitProject::put(plan.directory / "build/out.o", "built by the executor\n");
    commit();
  }

  void commit() { plan.head = require(workspaces.snapshot(plan, {"feat: work\n"})); }
  ports::Workspace copy(TreeUse use = TreeUse::idle) {
    return require(workspaces.open_copy(1, plan.head, use));
  }
  Lines dirt(const ports::Workspace& workspace) {
    return lines_of(require(workspaces.dirt(workspace, plan.head)));
  }
  void check_plan() {
    CHECK(dirt(plan).empty());
    CHECK(require(workspaces.is_at(plan, plan.head)));
    CHECK(GitProject::text_of(plan.directory / "build/out.o") == "built by the executor\n");
    CHECK(project.complaints().empty());
  }
  std::string branch() const { return project.tip("konductor/01/plan-001/work"); }
};

// What another engine sees and does.
struct OtherEngine {
  explicit OtherEngine(const Reviewed& it) : workspaces(it.project.options()) {
    require(workspaces.prepare());
  }
  GitWorkspaces workspaces;
};

void wreck(const fs::path& tree) {
  GitProject::put(tree / "work.txt", "wrecked\n");
  fs::remove(tree / "README.md");
  GitProject::put(tree / "new.txt", "new\n");
  GitProject::put(tree / "build/own.o", "built by the reviewer\n");
}

}  // namespace

TEST_CASE("a copy has the files of the commit and no branch") {
  Reviewed it;
  const auto copy = it.copy();
  CHECK(copy.is_copy);
  CHECK(copy.is_fresh);
  CHECK(copy.head == it.plan.head);
  CHECK(copy.directory != it.plan.directory);
  CHECK(GitProject::text_of(copy.directory / "work.txt") == "work\n");
  CHECK_FALSE(fs::exists(copy.directory / "build"));
  CHECK(it.project.git_in(copy.directory, {"status", "--porcelain"}).empty());
  CHECK(it.project.git_in(copy.directory, {"rev-parse", "HEAD"}) == it.plan.head);
  CHECK(it.project.git_in(copy.directory, {"rev-parse", "--abbrev-ref", "HEAD"}) == "HEAD");
  CHECK(it.dirt(copy).empty());
  CHECK(require(it.workspaces.is_at(copy, it.plan.head)));
  it.check_plan();
}

TEST_CASE("what is done in a copy is seen and undone there, and nowhere else") {
  Reviewed it;
  auto copy = it.copy();
  const auto guard = require(it.workspaces.guard(copy));
  wreck(copy.directory);
  CHECK(it.dirt(copy) == Lines{"D README.md", "A new.txt", "M work.txt"});
  it.check_plan();
  CHECK(require(it.workspaces.restore_guarded(copy, guard)).empty());
  const std::string kept = require(it.workspaces.save_aside(copy, "run-1", "a-review"));
  CHECK(it.project.git({"show", kept + ":work.txt"}) == "wrecked");
  require(it.workspaces.reset(copy, it.plan.head));
  CHECK(it.dirt(copy).empty());
  CHECK(GitProject::text_of(copy.directory / "build/own.o") == "built by the reviewer\n");
  it.check_plan();
}

TEST_CASE("what a reviewer does to HEAD or to the plan's branch is dirt, and undone") {
  Reviewed it;
  auto copy = it.copy();
  const auto guard = require(it.workspaces.guard(copy));
  std::string made;
  SECTION("a commit") {
    made = it.project.commit_in(copy.directory, "by the reviewer");
  }
  SECTION("a commit on a branch of its own") {
    it.project.git_in(copy.directory, {"checkout", "-q", "-b", "own"});
    made = it.project.commit_in(copy.directory, "by the reviewer");
  }
  SECTION("a commit that the plan's branch is moved to") {
    made = it.project.commit_in(copy.directory, "by the reviewer");
    it.project.git_in(copy.directory,
                      {"update-ref", "refs/heads/konductor/01/plan-001/work", made});
    it.project.git_in(copy.directory, {"checkout", "-q", it.plan.head});
  }
  static_cast<void>(require(it.workspaces.restore_guarded(copy, guard)));
  CHECK(it.dirt(copy) == Lines{"M HEAD"});
  static_cast<void>(require(it.workspaces.save_aside(copy, "run-1", "a-review")));
  require(it.workspaces.reset(copy, it.plan.head));
  CHECK(it.dirt(copy).empty());
  CHECK(it.branch() == it.plan.head);
  CHECK_FALSE(it.project.git({"for-each-ref", "--contains", made, "refs/konductor/"}).empty());
  CHECK_FALSE(it.project.git_succeeds({"rev-parse", "--verify", "refs/heads/own"}));
  it.check_plan();
}

TEST_CASE("a copy goes along with the work, and keeps what is ignored") {
  Reviewed it;
  auto copy = it.copy();
  static_cast<void>(require(it.workspaces.guard(copy)));
  wreck(copy.directory);
  GitProject::put(it.plan.directory / "work.txt", "fixed\n");
  it.plan.head = require(it.workspaces.snapshot(it.plan, {"feat: work\n", "first-try"}));
  const std::string references = it.project.git({"for-each-ref", "refs/konductor/"});
  copy = it.copy();
  CHECK_FALSE(copy.is_fresh);
  CHECK(it.dirt(copy).empty());
  CHECK(GitProject::text_of(copy.directory / "work.txt") == "fixed\n");
  CHECK(GitProject::text_of(copy.directory / "build/own.o") == "built by the reviewer\n");
  CHECK(it.project.git_in(copy.directory, {"rev-parse", "HEAD"}) == it.plan.head);
  CHECK(it.project.git_in(copy.directory, {"status", "--porcelain"}).empty());
  CHECK(it.project.git({"for-each-ref", "refs/konductor/"}) == references);
  it.check_plan();
}

TEST_CASE("a copy that another engine left is made anew, unless somebody is at work in it") {
  Reviewed it;
  const auto left = it.copy();
  static_cast<void>(require(it.workspaces.guard(left)));
  wreck(left.directory);
  OtherEngine other(it);
  SECTION("nobody is") {
    const auto copy = require(other.workspaces.open_copy(1, it.plan.head, TreeUse::idle));
    CHECK(copy.directory == left.directory);
    CHECK(copy.is_fresh);
    CHECK(it.dirt(copy).empty());
    CHECK_FALSE(fs::exists(copy.directory / "build"));
  }
  SECTION("somebody is") {
    auto copy = require(other.workspaces.open_copy(1, it.plan.head, TreeUse::occupied));
    CHECK(it.dirt(copy) == Lines{"D README.md", "A new.txt", "M work.txt"});
    copy = require(other.workspaces.open_copy(1, it.plan.head, TreeUse::idle));
    CHECK(it.dirt(copy).empty());
    CHECK(fs::exists(copy.directory / "build/own.o"));
  }
  SECTION("somebody is, and the repository forgot it") {
    fs::remove_all(it.project.git_directory() / "worktrees/01-plan-001-review");
    auto copy = require(other.workspaces.open_copy(1, it.plan.head, TreeUse::occupied));
    CHECK(it.dirt(copy) == Lines{"D README.md", "A new.txt", "M work.txt"});
  }
  SECTION("half of it is gone") {
    fs::remove_all(left.directory);
    const TreeUse use = GENERATE(TreeUse::idle, TreeUse::occupied);
    const auto copy = require(other.workspaces.open_copy(1, it.plan.head, use));
    CHECK(it.dirt(copy).empty());
  }
  it.check_plan();
}

TEST_CASE("a copy goes with its plan, and serves the next one") {
  Reviewed it;
  const auto copy = it.copy();
  wreck(copy.directory);
  require(it.workspaces.close(1));
  CHECK_FALSE(fs::exists(copy.directory));
  for (const int plan : {2, 3}) {
    const auto next = require(it.workspaces.open(plan));
    CHECK(lines_of(require(it.workspaces.dirt(next, next.head))).empty());
    CHECK_FALSE(fs::exists(next.directory / "build"));
    require(it.workspaces.close(plan));
  }
  require(it.workspaces.release());
  CHECK_FALSE(fs::exists(it.project.git_directory() / "worktrees"));
  CHECK_FALSE(fs::exists(it.project.root / ".konductor/worktrees"));
}

TEST_CASE("no copy is left when no plan comes any more, and nobody else's folder goes") {
  Reviewed it;
  it.copy();
  const fs::path trees = it.project.root / ".konductor/worktrees";
  const fs::path anybodys = trees / "01-plan-002-review";
  GitProject::put(anybodys / "notes.txt", "notes\n");
  OtherEngine other(it);
  require(other.workspaces.release());
  CHECK(fs::exists(anybodys / "notes.txt"));
  CHECK_FALSE(fs::exists(trees / "01-plan-001-review"));
  CHECK_FALSE(fs::exists(it.project.git_directory() / "worktrees/01-plan-001-review"));
  CHECK(fs::exists(it.plan.directory / "work.txt"));
}

TEST_CASE("what a kill left of a copy's removal goes with the next run") {
  Reviewed it;
  const auto copy = it.copy();
  const fs::path trash = copy.directory.parent_path() / ".trash-01-plan-001-review.0";
  fs::rename(copy.directory, trash);
  OtherEngine other(it);
  CHECK_FALSE(fs::exists(trash));
  require(other.workspaces.release());
  CHECK_FALSE(fs::exists(it.project.git_directory() / "worktrees/01-plan-001-review"));
}

TEST_CASE("clean finds a copy, and keeps what somebody changed in it") {
  Reviewed it;
  const auto copy = it.copy();
  const bool is_changed = GENERATE(false, true);
  if (is_changed) GitProject::put(copy.directory / "work.txt", "changed\n");
  const auto cleanup = require(platform::GitCleanup::open(it.project.root, ""));
  const bool is_held = GENERATE(false, true);
  std::size_t found = 0;
  for (const engine::Leftover& leftover : require(cleanup.find({{"01", {"run-1"}, is_held}}))) {
    if (leftover.name != "01-plan-001-review") continue;
    ++found;
    CHECK(leftover.kind == engine::LeftoverKind::worktree);
    CHECK(leftover.plan == 1);
    CHECK(leftover.has_changes == (is_held || is_changed));
    if (is_held) continue;
    const std::string kept = require(cleanup.remove(leftover, "run-2"));
    CHECK(kept.empty() == !is_changed);
    if (is_changed) CHECK(it.project.git({"show", kept + ":work.txt"}) == "changed");
    CHECK_FALSE(fs::exists(copy.directory));
    CHECK_FALSE(fs::exists(it.project.git_directory() / "worktrees/01-plan-001-review"));
  }
  CHECK(found == 1);
  it.check_plan();
}
