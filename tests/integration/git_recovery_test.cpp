// SPDX-License-Identifier: MIT
// What a killed engine, a killed git or a careless agent leaves, and that the next run works.
#include <catch2/catch.hpp>
#include <chrono>

#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitWorkspaces;
using Lines = std::vector<std::string>;

namespace {

const ports::CommitText kText{"feat(01-plan-1): a task\n"};

// A plan with one snapshot, and one file that is not in it.
struct Interrupted {
  GitProject project;
  fs::path top;
  fs::path admin;
  std::string head;

  Interrupted() {
    GitWorkspaces workspaces(project.options());
    require(workspaces.prepare());
    auto workspace = require(workspaces.open(1));
    require(workspaces.guard(workspace));
    GitProject::put(workspace.directory / "done.txt", "done\n");
    head = require(workspaces.snapshot(workspace, kText));
    GitProject::put(workspace.directory / "half.txt", "half\n");
    top = workspace.directory;
    admin = project.git_directory() / "worktrees/01-plan-001";
  }

  // Goes on as a new engine does, up to a delivered phase.
  void finish(bool is_half_kept) {
    GitWorkspaces workspaces(project.options());
    require(workspaces.prepare());
    auto workspace = require(workspaces.open(1));
    CHECK(workspace.head == head);
    CHECK(workspace.directory == top);
    CHECK(workspace.is_fresh == !is_half_kept);
    CHECK(lines_of(require(workspaces.dirt(workspace, head))) ==
          (is_half_kept ? Lines{"A half.txt"} : Lines{}));
    GitProject::put(top / "half.txt", "whole\n");
    workspace.head = require(workspaces.snapshot(workspace, kText));
    CHECK(project.git_in(top, {"rev-parse", "HEAD"}) == workspace.head);
    CHECK(project.git_in(top, {"status", "--porcelain"}).empty());
    CHECK(require(workspaces.merge(1, kText)).is_clean);
    require(workspaces.close(1));
    CHECK(require(workspaces.deliver()).is_delivered);
    CHECK(project.read("half.txt") == "whole\n");
    CHECK(project.git({"worktree", "list"}).find("plan-001") == std::string::npos);
    require(workspaces.release());
    CHECK_FALSE(fs::exists(project.root / ".konductor/worktrees"));
    CHECK(project.complaints().empty());
  }
};

void lock(const fs::path& path) {
  GitProject::put(path.native() + ".lock", "");
}

}  // namespace

TEST_CASE("a work tree as it stood is taken up again") {
  Interrupted it;
  it.finish(true);
}

TEST_CASE("locks that killed programs left are removed, the user's are not") {
  Interrupted it;
  lock(it.admin / "index");
  lock(it.admin / "HEAD");
  lock(it.admin / "konductor-index");
  const fs::path branches = it.project.git_directory() / "refs/heads/konductor/01";
  lock(branches / "plan-001/work");
  lock(branches / "main");
  lock(it.project.git_directory() / "refs/konductor/01/base");
  lock(it.project.git_directory() / "refs/heads/release");
  it.finish(true);
  CHECK(fs::exists(it.project.git_directory() / "refs/heads/release.lock"));
}

TEST_CASE("broken links between a work tree and the repository are mended") {
  Interrupted it;
  SECTION("the tree's .git is gone") {
    fs::remove(it.top / ".git");
  }
  SECTION("the tree's .git leads elsewhere") {
    GitProject::put(it.top / ".git", "gitdir: /nowhere\n");
  }
  SECTION("the tree's .git is a repository of the agent's own") {
    fs::remove(it.top / ".git");
    it.project.git_in(it.top, {"init", "-q"});
  }
  SECTION("the way back is gone") {
    fs::remove(it.admin / "gitdir");
  }
  SECTION("the common directory is gone") {
    fs::remove(it.admin / "commondir");
  }
  SECTION("the whole folder in the repository is gone") {
    fs::remove_all(it.admin);
  }
  SECTION("HEAD is gone") {
    fs::remove(it.admin / "HEAD");
  }
  SECTION("the index is gone") {
    fs::remove(it.admin / "index");
  }
  SECTION("the engine's index is gone") {
    fs::remove(it.admin / "konductor-index");
  }
  SECTION("both indexes are rubbish") {
    GitProject::put(it.admin / "konductor-index", "rubbish");
    GitProject::put(it.admin / "index", "rubbish");
  }
  it.finish(true);
}

TEST_CASE("a work tree that is gone is made again from its branch") {
  Interrupted it;
  SECTION("the files") {
    fs::remove_all(it.top);
  }
  SECTION("files and folder") {
    fs::remove_all(it.top);
    fs::remove_all(it.admin);
  }
  SECTION("pruned by git") {
    fs::remove_all(it.top);
    it.project.git({"worktree", "prune"});
  }
  it.finish(false);
}

TEST_CASE("a work tree whose making was cut short is made again") {
  Interrupted it;
  fs::remove(it.admin / "konductor-ready");
  SECTION("with all files") {}
  SECTION("with some files") {
    fs::remove(it.top / "README.md");
  }
  SECTION("without its way back") {
    fs::remove(it.admin / "gitdir");
  }
  SECTION("without any file") {
    fs::remove_all(it.top);
    fs::create_directories(it.top);
  }
  SECTION("with an empty folder") {
    fs::remove_all(it.admin);
    fs::create_directories(it.admin);
  }
  it.finish(false);
}

TEST_CASE("a directory that is not the engine's is moved aside, not removed") {
  Interrupted it;
  fs::remove_all(it.admin);
  fs::remove(it.top / ".git");
  GitWorkspaces workspaces(it.project.options());
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  CHECK(workspace.is_fresh);
  CHECK(workspace.head == it.head);
  CHECK(GitProject::text_of(it.top.native() + ".found-1/half.txt") == "half\n");
}

TEST_CASE("a work tree of the user's with the same name is left alone") {
  GitProject project;
  project.git({"worktree", "add", "-q", "-b", "mine", "../01-plan-001"});
  GitProject::put(project.root.parent_path() / "01-plan-001/mine.txt", "mine\n");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  CHECK(workspaces.open(1).error().code == ErrorCode::already_exists);
  require(workspaces.close(1));
  CHECK(GitProject::text_of(project.root.parent_path() / "01-plan-001/mine.txt") == "mine\n");
  CHECK(project.git({"worktree", "list"}).find("[mine]") != std::string::npos);
}

TEST_CASE("what a cut short removal left goes with the next run") {
  Interrupted it;
  const fs::path trash = it.top.parent_path() / ".trash-01-plan-001.0";
  fs::rename(it.top, trash);
  GitWorkspaces workspaces(it.project.options());
  require(workspaces.prepare());
  CHECK_FALSE(fs::exists(trash));
}

TEST_CASE("a reset removes files from directories that tools made unwritable") {
  Interrupted it;
  GitWorkspaces workspaces(it.project.options());
  require(workspaces.prepare());
  const ports::Workspace workspace = require(workspaces.open(1));
  GitProject::put(it.top / "cache/mod/file.go", "x\n");
  // Root may write there all the same.
  fs::permissions(it.top / "cache/mod", fs::perms(0555));
  require(workspaces.reset(workspace, it.head));
  CHECK_FALSE(fs::exists(it.top / "cache"));
}

TEST_CASE("closing removes what tools made unremovable, and twice is no error") {
  Interrupted it;
  GitWorkspaces workspaces(it.project.options());
  GitProject::put(it.top / "cache/mod/file.go", "x\n");
  fs::permissions(it.top / "cache/mod", fs::perms(0555));
  fs::permissions(it.top / "cache", fs::perms(0000));
  require(workspaces.close(1));
  CHECK_FALSE(fs::exists(it.top));
  CHECK_FALSE(fs::exists(it.admin));
  CHECK(it.project.tip("konductor/01/plan-001/work") == it.head);
  require(workspaces.close(1));
  require(workspaces.close(5));
}

TEST_CASE("a project that was moved finds its work trees again") {
  Interrupted it;
  const fs::path moved = it.project.root.parent_path() / "moved";
  fs::rename(it.project.root, moved);
  it.project.root = moved;
  it.top = moved / ".konductor/worktrees/01-plan-001";
  it.admin = moved / ".git/worktrees/01-plan-001";
  it.finish(true);
}

TEST_CASE("a merge that was made before the engine was killed is not made twice") {
  Interrupted it;
  GitWorkspaces first(it.project.options());
  const std::string merged = require(first.merge(1, kText)).commit;
  GitWorkspaces second(it.project.options());
  require(second.prepare());
  const auto again = require(second.merge(1, kText));
  CHECK(again.is_clean);
  CHECK(again.commit == merged);
}

TEST_CASE("objects that a killed engine had half written are removed once nobody can be at them") {
  GitProject project;
  const fs::path old = project.root / ".git/objects/tmp_object_git2_0123456789abcdef";
  const fs::path fresh = project.root / ".git/objects/tmp_object_git2_fedcba9876543210";
  GitProject::put(old, "half");
  GitProject::put(fresh, "half");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::exists(fresh));
}

TEST_CASE("everything works from a linked work tree of the user's") {
  GitProject project;
  project.git({"worktree", "add", "-q", "-b", "topic", "../linked"});
  project.root = project.root.parent_path() / "linked";
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  auto workspace = require(workspaces.open(1));
  const auto before = require(workspaces.guard(workspace));
  project.commit("the user goes on");
  GitProject::put(workspace.directory / "new.txt", "n\n");
  workspace.head = require(workspaces.snapshot(workspace, kText));
  CHECK(require(workspaces.restore_guarded(workspace, before)).empty());
  CHECK(require(workspaces.merge(1, kText)).is_clean);
  CHECK_FALSE(require(workspaces.deliver()).is_delivered);
  project.git({"reset", "-q", "--hard", "HEAD~1"});
  CHECK(require(workspaces.deliver()).is_delivered);
  CHECK(project.read("new.txt") == "n\n");
  CHECK(project.git({"status", "--porcelain"}) == "?? .konductor/");
  CHECK(project.complaints().empty());
}
