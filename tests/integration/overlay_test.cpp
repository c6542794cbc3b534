// SPDX-License-Identifier: MIT
// Work trees that are overlays: with a real kernel, in a mount namespace of the tests' own.
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

#include "platform/git_cleanup.hpp"
#include "platform/git_worktree.hpp"
#include "platform/overlay_upper.hpp"
#include "support/overlay_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;
using konductor::platform::GitWorkspaces;
using Lines = std::vector<std::string>;

namespace {

const ports::CommitText kText{"feat(01-plan-1): a task\n"};

const Lines kRearranged = {".git",
                           "README.md",
                           "again",
                           "build/ignored.o",
                           "gone.txt",
                           "link",
                           "new/deep/two.txt",
                           "new/one.txt",
                           "old",
                           "plain",
                           "src/more.c",
                           "swap",
                           "tool.sh"};

fs::path upper_of(const fs::path& tree) {
  return tree.parent_path() / (".overlay-" + tree.filename().native()) / "upper";
}

// A plan with one snapshot and more, whose engine has died.
struct KilledPlan {
  GitProject project;
  fs::path top;
  ports::Workspace workspace;
  std::map<std::string, std::string> picture;

  KilledPlan() {
    commit_sources(project);
    GitWorkspaces workspaces(overlaid(project));
    require(workspaces.prepare());
    workspace = require(workspaces.open(1));
    require(workspaces.guard(workspace));
    GitProject::put(workspace.directory / "done.txt", "done\n");
    workspace.head = require(workspaces.snapshot(workspace, kText));
    rearrange(workspace.directory);
    top = workspace.directory;
    picture = picture_of(top);
    forget_mount(top);
  }

  // The same files as before, seen by whoever takes the plan up.
  void require_taken_up(const platform::WorkspacesOptions& options) const {
    GitWorkspaces workspaces(options);
    require(workspaces.prepare());
    const auto taken = require(workspaces.open(1));
    CHECK(taken.head == workspace.head);
    CHECK(taken.directory == top);
    CHECK_FALSE(taken.is_fresh);
    CHECK(picture_of(top) == picture);
    const std::string kept = require(workspaces.save_aside(taken, "run-2", "attempt"));
    CHECK(project.git({"show", kept + ":plain/inside.txt"}) == "a folder now");
    require(workspaces.reset(taken, taken.head));
    CHECK(require(workspaces.dirt(taken, taken.head)).empty());
    CHECK(GitProject::text_of(top / "done.txt") == "done\n");
    CHECK(fs::exists(top / "build/ignored.o"));
    CHECK(require(workspaces.merge(1, kText)).is_clean);
    require(workspaces.close(1));
    require(workspaces.release());
    CHECK_FALSE(fs::exists(project.root / ".konductor/worktrees"));
    CHECK(project.complaints().empty());
  }
};

}  // namespace

TEST_CASE("a tree that is an overlay is committed like any other") {
  if (!has_overlays()) return;
  GitProject plain;
  GitProject project;
  Lines trees;
  for (const GitProject* each : {&plain, &project}) {
    commit_sources(*each);
    GitWorkspaces workspaces(each == &project ? overlaid(*each) : each->options());
    require(workspaces.prepare());
    auto workspace = require(workspaces.open(1));
    CHECK(workspace.is_fresh);
    CHECK(platform::is_mount_point(workspace.directory) == (each == &project));
    CHECK(each->git_in(workspace.directory, {"status", "--porcelain"}).empty());
    rearrange(workspace.directory);
    const std::string head = require(workspaces.snapshot(workspace, kText));
    trees.push_back(each->git({"rev-parse", head + "^{tree}"}));
    CHECK(each->git_in(workspace.directory, {"status", "--porcelain"}).empty());
    require(workspaces.close(1));
    require(workspaces.release());
    CHECK_FALSE(fs::exists(each->root / ".konductor/worktrees"));
  }
  CHECK(trees.front() == trees.back());
}

TEST_CASE("plans on overlays do not see each other's files, and later ones see what was merged") {
  if (!has_overlays()) return;
  GitProject project;
  commit_sources(project);
  GitWorkspaces workspaces(overlaid(project));
  require(workspaces.prepare());
  auto first = require(workspaces.open(1));
  auto second = require(workspaces.open(2));
  rearrange(first.directory);
  CHECK(fs::exists(second.directory / "gone.txt"));
  CHECK_FALSE(fs::exists(second.directory / "src/more.c"));
  GitProject::put(second.directory / "second.txt", "second\n");
  CHECK_FALSE(fs::exists(first.directory / "second.txt"));
  first.head = require(workspaces.snapshot(first, kText));
  const auto merged = picture_of(first.directory);
  CHECK(require(workspaces.merge(1, kText)).is_clean);
  require(workspaces.close(1));
  CHECK_FALSE(fs::exists(first.directory));

  auto third = require(workspaces.open(3));
  CHECK(platform::is_mount_point(third.directory));
  auto expected = merged;
  expected.erase("build");
  expected.erase("build/ignored.o");
  CHECK(picture_of(third.directory) == expected);
  CHECK(require(workspaces.dirt(third, third.head)).empty());
  CHECK(project.git_in(third.directory, {"status", "--porcelain"}).empty());
  CHECK(lines_of(require(workspaces.dirt(second, second.head))) == Lines{"A second.txt"});
}

TEST_CASE("the upper directory of an overlay tells what may have changed in it") {
  if (!has_overlays()) return;
  GitProject project;
  commit_sources(project);
  GitWorkspaces workspaces(overlaid(project));
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  const auto listed = [&workspace] {
    return require(platform::list_upper(upper_of(workspace.directory)));
  };
  CHECK(listed() == Lines{".git"});
  rearrange(workspace.directory);
  CHECK(listed() == kRearranged);
}

TEST_CASE("what a killed engine had in an overlay is taken up again") {
  if (!has_overlays()) return;
  KilledPlan it;
  SECTION("as an overlay") {
    it.require_taken_up(overlaid(it.project));
  }
  SECTION("as plain files") {
    it.require_taken_up(it.project.options());
  }
  SECTION("when it had begun to write plain files") {
    GitProject::put(it.top.parent_path() / ".overlay-01-plan-001/copy/README.md", "half writ");
    it.require_taken_up(it.project.options());
  }
  SECTION("when it had written all of them") {
    const fs::path place = it.top.parent_path() / ".overlay-01-plan-001";
    const auto layout = require(platform::git::find_layout(it.project.root));
    const platform::git::PhaseNames names("01");
    const platform::git::PlanWorktree tree(layout, it.project.root / ".konductor/worktrees",
                                           names.worktree(1), names.branch(1));
    require(tree.materialise());
    // As if the kill had come before the overlay was removed.
    GitProject::put(place / "copied", "");
    fs::create_symlink("/nowhere", place / "ready");
    it.require_taken_up(overlaid(it.project));
  }
  SECTION("when its repository has forgotten it") {
    fs::remove_all(it.project.git_directory() / "worktrees/01-plan-001");
    GitWorkspaces workspaces(overlaid(it.project));
    require(workspaces.prepare());
    const auto workspace = require(workspaces.open(1));
    CHECK(workspace.directory == it.top);
    CHECK(picture_of(it.top) == it.picture);
    // As one that was made: git leaves it alone, and its loss would be noticed.
    it.project.git({"worktree", "prune", "--expire", "now"});
    CHECK(it.project.git({"worktree", "list", "--porcelain"}).find("locked its files are in") !=
          std::string::npos);
    CHECK(fs::exists(it.project.git_directory() / "worktrees/01-plan-001/konductor-overlay"));
    require(workspaces.release());
    CHECK(picture_of(it.top) == it.picture);
  }
  SECTION("when the project was moved") {
    const fs::path other = it.project.root.parent_path() / "moved, with: odd name";
    fs::rename(it.project.root, other);
    it.top = other / it.top.lexically_relative(it.project.root);
    it.project.root = other;
    it.require_taken_up(overlaid(it.project));
  }
  SECTION("when work trees are made elsewhere now") {
    auto options = overlaid(it.project);
    options.worktree_dir = it.project.root.parent_path() / "trees";
    GitWorkspaces workspaces(options);
    require(workspaces.prepare());
    CHECK(require(workspaces.open(1)).directory == it.top);
    CHECK(picture_of(it.top) == it.picture);
    require(workspaces.release());
    CHECK(names_in(it.top.parent_path()) == Lines{"01-plan-001"});
    CHECK(picture_of(it.top) == it.picture);
  }
}

TEST_CASE("files in an overlay that is not mounted count as unknown, not as gone") {
  if (!has_overlays()) return;
  const KilledPlan it;
  GitWorkspaces workspaces(it.project.options());
  CHECK_THAT(workspaces.dirt(it.workspace, it.workspace.head).error().message,
             Contains("not mounted"));
  CHECK(workspaces.snapshot(it.workspace, kText).has_error());
  CHECK(workspaces.reset(it.workspace, it.workspace.head).has_error());
  // Nor does git take it for a tree that nobody needs.
  it.project.git({"worktree", "prune", "--expire", "now"});
  CHECK(it.project.git({"worktree", "list", "--porcelain"}).find("locked its files are in") !=
        std::string::npos);
  // A person who tidies up cannot take the mount point away by accident.
  std::error_code error;
  CHECK_FALSE(fs::remove(it.top, error));
  it.require_taken_up(it.project.options());
}

TEST_CASE("trees that remain after a run are plain work trees") {
  if (!has_overlays()) return;
  GitProject project;
  commit_sources(project);
  GitWorkspaces workspaces(overlaid(project));
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  const fs::path& top = workspace.directory;
  rearrange(top);
  fs::create_directory(top / "build/locked");
  GitProject::put(top / "build/locked/file", "x");
  fs::permissions(top / "build/locked", fs::perms::none);
  const std::string status = project.git_in(top, {"status", "--porcelain"});
  const auto picture = [&top] {
    fs::permissions(top / "build/locked", fs::perms::owner_all);
    return picture_of(top);
  };
  require(workspaces.release());
  CHECK(names_in(top.parent_path()) == Lines{"01-plan-001"});
  CHECK_FALSE(platform::is_mount_point(top));
  CHECK(project.git_in(top, {"status", "--porcelain"}) == status);
  CHECK(project.git({"worktree", "list", "--porcelain"}).find("locked") == std::string::npos);
  CHECK((fs::status(top / "build/locked").permissions() & fs::perms::owner_all) == fs::perms::none);
  CHECK(picture().at("again/five.txt") == "file five\n");
  CHECK(picture().count("again/four.txt") == 0);
}

TEST_CASE("an overlay that somebody removed is made anew from its branch") {
  if (!has_overlays()) return;
  const KilledPlan it;
  fs::remove_all(it.top.parent_path() / ".overlay-01-plan-001");
  GitWorkspaces workspaces(overlaid(it.project));
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  CHECK(workspace.is_fresh);
  CHECK(workspace.head == it.workspace.head);
  CHECK(require(workspaces.dirt(workspace, workspace.head)).empty());
  CHECK(GitProject::text_of(it.top / "done.txt") == "done\n");
}

TEST_CASE("an overlay whose checkout somebody removed is told, and nothing is done") {
  if (!has_overlays()) return;
  const KilledPlan it;
  fs::remove_all(it.top.parent_path() / ".base-01-1");
  GitWorkspaces workspaces(overlaid(it.project));
  require(workspaces.prepare());
  const auto opened = workspaces.open(1);
  REQUIRE(opened.has_error());
  CHECK_THAT(opened.error().message, Contains("lies over are gone") && Contains("upper"));
  const fs::path upper = it.top.parent_path() / ".overlay-01-plan-001/upper";
  CHECK(GitProject::text_of(upper / "again/five.txt") == "five\n");
}

TEST_CASE("an overlay that a kill left half made is made anew") {
  if (!has_overlays()) return;
  GitProject project;
  commit_sources(project);
  {
    GitWorkspaces workspaces(overlaid(project));
    require(workspaces.prepare());
    const auto workspace = require(workspaces.open(1));
    fs::remove(workspace.directory / "plain");
    fs::remove(project.git_directory() / "worktrees/01-plan-001/konductor-ready");
    fs::remove(workspace.directory.parent_path() / ".overlay-01-plan-001/ready");
    forget_mount(workspace.directory);
  }
  GitWorkspaces workspaces(overlaid(project));
  require(workspaces.prepare());
  CHECK(names_in(project.root / ".konductor/worktrees") == Lines{"01-plan-001"});
  const auto workspace = require(workspaces.open(1));
  CHECK(workspace.is_fresh);
  CHECK(require(workspaces.dirt(workspace, workspace.head)).empty());
}

TEST_CASE("a clean finds what a killed engine had in an overlay") {
  if (!has_overlays()) return;
  const KilledPlan it;
  auto cleanup = require(platform::GitCleanup::open(it.project.root, ""));
  const platform::PhaseOwner owner{"01", {"run-1"}};
  const auto tree_among = [](const std::vector<engine::Leftover>& found) {
    for (const engine::Leftover& leftover : found)
      if (leftover.kind == engine::LeftoverKind::worktree) return leftover;
    throw std::runtime_error("no work tree is found");
  };
  // Not looked at, so not known to hold nothing.
  CHECK(tree_among(require(cleanup.find({owner}))).has_changes);
  require(cleanup.settle({"01"}));
  CHECK(picture_of(it.top) == it.picture);
  const auto leftover = tree_among(require(cleanup.find({owner})));
  CHECK(leftover.has_changes);
  const std::string kept = require(cleanup.remove(leftover, "run-1"));
  CHECK(it.project.git({"show", kept + ":again/five.txt"}) == "five");
  require(cleanup.tidy({"01"}));
  CHECK_FALSE(fs::exists(it.project.root / ".konductor/worktrees"));
}

TEST_CASE("a place where no overlay can be is told with the reason") {
  const TempDir place;
  fs::create_directory(place / "dir");
  CHECK(platform::try_overlay("/proc/self/trial").has_error());
  // As a user without privileges too, whatever the answer is: it leaves nothing behind.
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 &&
        (::chown((place / "dir").c_str(), 65534, 65534) != 0 ||
         ::chmod(place.text().c_str(), 0755) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0))
      ::_exit(9);
    // As after an exec, which no test program survives.
    ::prctl(PR_SET_DUMPABLE, 1);
    const Result<void> tried = platform::try_overlay(place / "dir/trial");
    if (!tried) std::fprintf(stderr, "%s\n", tried.error().message.c_str());
    ::_exit(tried ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) != 9);
  if (WEXITSTATUS(status) == 1) WARN("the kernel refuses overlays to an unprivileged user");
  CHECK(fs::is_empty(place / "dir"));
}
