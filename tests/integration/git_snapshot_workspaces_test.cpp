// SPDX-License-Identifier: MIT
#include "platform/git_snapshot_workspaces.hpp"

#include <catch2/catch.hpp>

#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitSnapshotWorkspaces;
using Lines = std::vector<std::string>;

namespace {

const ports::CommitText kText{"feat(01-plan-1): a task\n"};

struct InPlace {
  GitProject project{GitProject::Start::without_git};
  GitSnapshotWorkspaces workspaces{project.options()};
  InPlace() {
    project.write("README.md", "hello\r\nworld\n");
    project.write(".gitignore", "*.log\n.env\n");
    project.write(".gitattributes", "* text=auto eol=lf\n*.id ident\n");
    project.write(".env", "SECRET=1\n");
    project.write("stamp.id", "$Id$\n");
    project.write(".konductor/config.toml", "[git]\n");
    require(workspaces.prepare());
  }
};

}  // namespace

TEST_CASE("in place, an older state is shown for a while") {
  InPlace it;
  auto workspace = require(it.workspaces.open(1));
  const std::string base = workspace.head;
  it.project.write("new.txt", "n\n");
  workspace.head = require(it.workspaces.snapshot(workspace, kText));
  require(it.workspaces.show(workspace, base));
  CHECK_FALSE(fs::exists(it.project.root / "new.txt"));
  SECTION("and taken back") {
    require(it.workspaces.reset(workspace, workspace.head));
    CHECK(fs::exists(it.project.root / "new.txt"));
  }
  SECTION("by an engine that was killed: it is nobody's work") {
    CHECK(require(it.workspaces.open(1)).head == workspace.head);
  }
}

TEST_CASE("in place, the project's own folder is the tree") {
  InPlace it;
  CHECK(it.workspaces.isolation() == "none");
  auto workspace = require(it.workspaces.open(1));
  CHECK(workspace.directory == it.project.root);
  CHECK_FALSE(workspace.is_fresh);
  CHECK(require(it.workspaces.phase_base()) == workspace.head);
  CHECK(require(it.workspaces.dirt(workspace, workspace.head)).empty());
  it.project.write("new dir/new.txt", "n\n");
  it.project.write("trace.log", "ignored\n");
  it.project.write(".konductor/state.toml", "never\n");
  fs::remove(it.project.root / "README.md");
  const Lines expected = {"D README.md", "A new dir/new.txt"};
  CHECK(lines_of(require(it.workspaces.dirt(workspace, workspace.head))) == expected);
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(it.workspaces.changes(workspace.head, head))) == expected);
  CHECK(require(it.workspaces.patch(workspace.head, head, 1 << 20)).find("+n\n") !=
        std::string::npos);
  CHECK(require(it.workspaces.file_at(head, "new dir/new.txt")) == "n\n");
  CHECK(it.workspaces.file_at(head, ".env").error().code == ErrorCode::not_found);
  CHECK(it.workspaces.file_at(head, ".konductor/config.toml").error().code == ErrorCode::not_found);
  workspace.head = head;
  CHECK(require(it.workspaces.snapshot(workspace, kText)) == head);
  const auto merged = require(it.workspaces.merge(1, kText));
  CHECK(merged.is_clean);
  CHECK(merged.commit == head);
  CHECK(require(it.workspaces.integration_head()) == head);
  const auto delivery = require(it.workspaces.deliver());
  CHECK(delivery.is_delivered);
  CHECK(delivery.detail == "in place");
  require(it.workspaces.close(1));
  CHECK(it.project.read("new dir/new.txt") == "n\n");
  CHECK_FALSE(fs::exists(it.project.root / ".git"));
}

TEST_CASE("in place, a reset is exact to the byte and spares what is ignored") {
  InPlace it;
  auto workspace = require(it.workspaces.open(1));
  it.project.write("README.md", "changed\n");
  it.project.write("stamp.id", "changed\n");
  it.project.write("junk/deep.txt", "junk\n");
  it.project.write("trace.log", "stays\n");
  it.project.write(".konductor/notes", "stays\n");
  SECTION("as it is") {}
  SECTION("also when the rules are gone") {
    fs::remove(it.project.root / ".gitignore");
  }
  const std::string kept =
      require(it.workspaces.save_aside(workspace, "run-1", "001-task-1-executor-1"));
  CHECK(kept == "refs/konductor/run-1/001-task-1-executor-1");
  require(it.workspaces.reset(workspace, workspace.head));
  CHECK(it.project.read("README.md") == "hello\r\nworld\n");
  CHECK(it.project.read("stamp.id") == "$Id$\n");
  CHECK_FALSE(fs::exists(it.project.root / "junk"));
  CHECK(it.project.read("trace.log") == "stays\n");
  CHECK(it.project.read(".env") == "SECRET=1\n");
  CHECK(it.project.read(".konductor/notes") == "stays\n");
  CHECK(it.project.read(".konductor/config.toml") == "[git]\n");
  CHECK(it.project.git({"--git-dir", ".konductor/worktrees/snapshots.git", "show",
                        kept + ":junk/deep.txt"}) == "junk");
  CHECK(require(it.workspaces.save_aside(workspace, "run-1", "x")).empty());
}

TEST_CASE("in place, hand edits between runs are where the plan goes on from") {
  InPlace it;
  auto workspace = require(it.workspaces.open(1));
  it.project.write("work.txt", "agent\n");
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  it.project.write("work.txt", "a person's better text\n");
  GitSnapshotWorkspaces later(it.project.options());
  require(later.prepare());
  const auto resumed = require(later.open(1));
  CHECK(resumed.head != head);
  CHECK(resumed.base == workspace.base);
  CHECK(require(later.dirt(resumed, resumed.head)).empty());
  CHECK(require(later.file_at(resumed.head, "work.txt")) == "a person's better text\n");
}

TEST_CASE("in place, what a killed attempt left is told from the state before it") {
  InPlace it;
  const auto workspace = require(it.workspaces.open(1));
  require(it.workspaces.guard(workspace));
  it.project.write("half.txt", "half\n");
  GitSnapshotWorkspaces later(it.project.options());
  require(later.prepare());
  const auto resumed = require(later.open(1));
  CHECK(resumed.head == workspace.head);
  CHECK(lines_of(require(later.dirt(resumed, resumed.head))) == Lines{"A half.txt"});
}

TEST_CASE("in place, a snapshot that a reset goes behind is kept") {
  InPlace it;
  const auto workspace = require(it.workspaces.open(1));
  it.project.write("work.txt", "agent\n");
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  require(it.workspaces.reset(workspace, workspace.head));
  CHECK(it.project
            .git({"--git-dir", ".konductor/worktrees/snapshots.git", "for-each-ref", "--contains",
                  head})
            .find("refs/konductor/run-1/touched/plan-001/") != std::string::npos);
}

TEST_CASE("in place, plans one after another build on each other") {
  InPlace it;
  auto first = require(it.workspaces.open(1));
  it.project.write("one.txt", "1\n");
  first.head = require(it.workspaces.snapshot(first, kText));
  require(it.workspaces.merge(1, kText));
  require(it.workspaces.close(1));
  auto second = require(it.workspaces.open(2));
  CHECK(second.head == first.head);
  it.project.write("two.txt", "2\n");
  second.head = require(it.workspaces.snapshot(second, kText));
  require(it.workspaces.merge(2, kText));
  CHECK(lines_of(require(it.workspaces.changes(require(it.workspaces.phase_base()),
                                               require(it.workspaces.integration_head())))) ==
        Lines{"A one.txt", "A two.txt"});
  CHECK(it.workspaces.merge(9, kText).error().code == ErrorCode::not_found);
}

TEST_CASE("in place, repositories below are files like any other") {
  InPlace it;
  const auto workspace = require(it.workspaces.open(1));
  it.project.write("tool/code.txt", "c\n");
  it.project.git_in(it.project.root / "tool", {"init", "-q"});
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(it.workspaces.changes(workspace.head, head))) == Lines{"A tool/code.txt"});
}

TEST_CASE("in place inside a repository, that repository is guarded and never written to") {
  GitProject project;
  project.write(".git/info/exclude", "private/\n");
  project.write("private/key", "k\n");
  const std::string refs = project.git({"for-each-ref"});
  GitSnapshotWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  const auto before = require(workspaces.guard(workspace));
  project.write("new.txt", "n\n");
  const std::string head = require(workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(workspaces.changes(workspace.head, head))) == Lines{"A new.txt"});
  CHECK(workspaces.file_at(head, "private/key").error().code == ErrorCode::not_found);
  CHECK(project.git({"for-each-ref"}) == refs);
  CHECK(project.git({"status", "--porcelain"}) == "?? .konductor/\n?? new.txt");
  CHECK(require(workspaces.restore_guarded(workspace, before)).empty());
  project.write(".git/hooks/pre-commit", "#!/bin/sh\n");
  project.git({"branch", "stray"});
  CHECK(require(workspaces.restore_guarded(workspace, before)).size() == 2);
  CHECK_FALSE(fs::exists(project.git_directory() / "hooks/pre-commit"));
}

TEST_CASE("in place, locks and a half-made store do not stop the next run") {
  InPlace it;
  const fs::path store = it.project.root / ".konductor/worktrees/snapshots.git";
  const auto workspace = require(it.workspaces.open(1));
  GitProject::put(store / "index-01.lock", "");
  GitProject::put(store / "refs/heads/konductor/01/plan-001/work.lock", "");
  GitProject::put(store / "HEAD.lock", "");
  SECTION("locks") {}
  SECTION("a rubbish index") {
    GitProject::put(store / "index-01", "rubbish");
  }
  SECTION("no HEAD yet") {
    fs::remove(store / "HEAD");
  }
  it.project.write("new.txt", "n\n");
  GitSnapshotWorkspaces later(it.project.options());
  require(later.prepare());
  auto resumed = require(later.open(1));
  CHECK(require(later.file_at(resumed.head, "new.txt")) == "n\n");
  require(later.reset(resumed, workspace.head));
  CHECK_FALSE(fs::exists(it.project.root / "new.txt"));
}

TEST_CASE("in place, a store that a killed engine was making is made anew") {
  GitProject project;
  GitProject::put(project.root / ".konductor/worktrees/snapshots.git.new-01/config.lock", "");
  GitSnapshotWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  CHECK_FALSE(fs::exists(project.root / ".konductor/worktrees/snapshots.git.new-01"));
  CHECK_FALSE(require(workspaces.open(1)).head.empty());
}

TEST_CASE("in place, an empty folder is a state like any other") {
  GitProject project(GitProject::Start::without_git);
  GitSnapshotWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  project.write("first.txt", "1\n");
  const std::string head = require(workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(workspaces.changes(workspace.head, head))) == Lines{"A first.txt"});
  require(workspaces.reset(workspace, workspace.head));
  CHECK_FALSE(fs::exists(project.root / "first.txt"));
}
