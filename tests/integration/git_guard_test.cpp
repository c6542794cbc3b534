// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;
using konductor::platform::GitWorkspaces;
using Lines = std::vector<std::string>;

namespace {

const ports::CommitText kText{"feat(01-plan-1): a task\n"};

struct Guarded {
  GitProject project;
  GitWorkspaces workspaces{project.options()};
  ports::Workspace workspace;
  ports::GuardState before;

  Guarded() {
    project.git({"branch", "release"});
    project.git({"tag", "v1"});
    require(workspaces.prepare());
    workspace = require(workspaces.open(1));
    before = require(workspaces.guard(workspace));
  }

  std::string agent(const Lines& arguments) {
    return project.git_in(workspace.directory, arguments);
  }
  Lines restored() { return require(workspaces.restore_guarded(workspace, before)); }
  // The one line that is reported; afterwards there is nothing left to report.
  std::string only_line() {
    const Lines lines = restored();
    INFO((lines.size() > 1 ? lines[1] : ""));
    REQUIRE(lines.size() == 1);
    CHECK(restored().empty());
    CHECK(project.complaints().empty());
    return lines.front();
  }
};

}  // namespace

TEST_CASE("an attempt that keeps to its branch and files is not blamed") {
  Guarded it;
  GitProject::put(it.workspace.directory / "x.txt", "x\n");
  it.project.commit_in(it.workspace.directory, "own");
  it.agent({"stash", "list"});
  CHECK(it.restored().empty());
  require(it.workspaces.snapshot(it.workspace, kText));
  CHECK(it.restored().empty());
}

TEST_CASE("git's configuration is put back") {
  Guarded it;
  const std::string config = GitProject::text_of(it.project.git_directory() / "config");
  SECTION("a setting") {
    it.agent({"config", "user.name", "Mallory"});
    CHECK_THAT(it.only_line(), Contains("\"config\" was changed"));
  }
  SECTION("a setting that runs a program") {
    it.agent({"config", "core.fsmonitor", "/bin/evil"});
    CHECK_THAT(it.only_line(), Contains("\"config\" was changed"));
  }
  SECTION("all of it") {
    fs::remove(it.project.git_directory() / "config");
    CHECK_THAT(it.only_line(), Contains("\"config\" was removed"));
  }
  SECTION("rubbish") {
    GitProject::put(it.project.git_directory() / "config", "[core\nrubbish");
    const auto lines = it.workspaces.restore_guarded(it.workspace, it.before);
    REQUIRE(lines.has_value());
    CHECK_THAT(lines.value().at(0), Contains("\"config\" was changed"));
  }
  CHECK(GitProject::text_of(it.project.git_directory() / "config") == config);
}

TEST_CASE("hooks and what is excluded are put back") {
  Guarded it;
  const fs::path hooks = it.project.git_directory() / "hooks";
  SECTION("a new hook") {
    GitProject::put(hooks / "pre-commit", "#!/bin/sh\n");
    CHECK_THAT(it.only_line(), Contains("\"pre-commit\" was added"));
    CHECK_FALSE(fs::exists(hooks / "pre-commit"));
  }
  SECTION("a link as a hook") {
    fs::create_symlink("/bin/true", hooks / "post-merge");
    CHECK_THAT(it.only_line(), Contains("\"post-merge\" was added"));
  }
  SECTION("an existing hook, its text and its mode") {
    GitProject::put(hooks / "pre-push", "#!/bin/sh\nexit 1\n");
    fs::permissions(hooks / "pre-push", fs::perms(0755));
    it.before = require(it.workspaces.guard(it.workspace));
    SECTION("edited") {
      GitProject::put(hooks / "pre-push", "#!/bin/sh\n");
    }
    SECTION("disabled") {
      fs::permissions(hooks / "pre-push", fs::perms(0644));
    }
    SECTION("replaced by a link") {
      fs::remove(hooks / "pre-push");
      fs::create_symlink("/bin/true", hooks / "pre-push");
    }
    CHECK_THAT(it.only_line(), Contains("\"pre-push\" was changed"));
    CHECK(GitProject::text_of(hooks / "pre-push") == "#!/bin/sh\nexit 1\n");
    CHECK((fs::status(hooks / "pre-push").permissions() & fs::perms::mask) == fs::perms(0755));
  }
  SECTION("excluded files") {
    GitProject::put(it.project.git_directory() / "info/exclude", "*.c\n");
    CHECK_THAT(it.only_line(), Contains("\"info/exclude\" was changed"));
  }
}

TEST_CASE("foreign references are put back and no commit is lost") {
  Guarded it;
  GitProject::put(it.workspace.directory / "x.txt", "x\n");
  const std::string own = it.project.commit_in(it.workspace.directory, "own");
  std::string kept = own;
  SECTION("a moved branch") {
    it.agent({"branch", "-f", "release", own});
    CHECK_THAT(it.only_line(), Contains("branch \"release\" was moved"));
  }
  SECTION("the user's own branch") {
    it.agent({"update-ref", "refs/heads/main", own});
    CHECK_THAT(it.only_line(), Contains("branch \"main\" was moved"));
    CHECK(it.project.tip("main") == it.workspace.base);
  }
  SECTION("the integration branch") {
    it.agent({"update-ref", "refs/heads/konductor/01/main", own});
    CHECK_THAT(it.only_line(), Contains("branch \"konductor/01/main\" was moved"));
    CHECK(require(it.workspaces.integration_head()) == it.workspace.base);
  }
  SECTION("a removed branch") {
    it.agent({"branch", "-D", "release"});
    CHECK_THAT(it.only_line(), Contains("branch \"release\" was removed"));
    kept.clear();
  }
  SECTION("a new branch") {
    it.agent({"branch", "mine", own});
    CHECK_THAT(it.only_line(), Contains("branch \"mine\" was added"));
    CHECK_FALSE(it.project.git_succeeds({"rev-parse", "-q", "--verify", "refs/heads/mine"}));
  }
  SECTION("a branch in the engine's name") {
    it.agent({"branch", "konductor/01/plan-009/work", own});
    CHECK_THAT(it.only_line(), Contains("konductor/01/plan-009/work"));
  }
  SECTION("a moved tag") {
    it.agent({"tag", "-f", "v1", own});
    CHECK_THAT(it.only_line(), Contains("tag \"refs/tags/v1\" was moved"));
  }
  SECTION("a replaced object") {
    it.agent({"replace", it.workspace.base, own});
    CHECK_THAT(it.only_line(), Contains("refs/replace"));
  }
  CHECK(it.project.tip("release") == it.workspace.base);
  CHECK(it.project.tip("v1") == it.workspace.base);
  if (!kept.empty())
    CHECK_THAT(it.project.git({"for-each-ref", "--format=%(objectname)", "refs/konductor/run-1"}),
               Contains(kept));
}

TEST_CASE("work that is kept cannot be thrown away by a later attempt") {
  Guarded it;
  GitProject::put(it.workspace.directory / "x.txt", "x\n");
  const std::string name = require(it.workspaces.save_aside(it.workspace, "run-1", "one"));
  it.before = require(it.workspaces.guard(it.workspace));
  const std::string kept = it.project.tip(name);
  it.agent({"update-ref", "-d", name});
  CHECK_THAT(it.only_line(), Contains(name));
  CHECK(it.project.tip(name) == kept);
}

TEST_CASE("HEAD is put back and commits made elsewhere come onto the plan's branch") {
  Guarded it;
  std::string made;
  SECTION("on a new branch") {
    it.agent({"checkout", "-q", "-b", "feature"});
    GitProject::put(it.workspace.directory / "f.txt", "f\n");
    made = it.project.commit_in(it.workspace.directory, "feature");
    CHECK(it.restored().size() == 2);
    CHECK_FALSE(it.project.git_succeeds({"rev-parse", "-q", "--verify", "refs/heads/feature"}));
  }
  SECTION("detached") {
    it.agent({"checkout", "-q", "--detach"});
    GitProject::put(it.workspace.directory / "f.txt", "f\n");
    made = it.project.commit_in(it.workspace.directory, "detached");
    CHECK_THAT(it.only_line(), Contains("HEAD of the workspace"));
  }
  CHECK(it.agent({"symbolic-ref", "HEAD"}) == "refs/heads/konductor/01/plan-001/work");
  CHECK(lines_of(require(it.workspaces.dirt(it.workspace, it.workspace.head))) ==
        Lines{"M HEAD", "A f.txt"});
  CHECK(require(it.workspaces.snapshot(it.workspace, kText)) == made);
}

TEST_CASE("what people do in their own checkout meanwhile is left alone") {
  Guarded it;
  GitProject& user = it.project;
  const std::string old = user.head();
  SECTION("a commit") {
    user.write("mine.txt", "mine\n");
    const std::string mine = user.commit("mine");
    CHECK(it.restored().empty());
    CHECK(user.tip("main") == mine);
  }
  SECTION("several commits, one amended, one undone") {
    user.commit("one");
    user.git({"commit", "-q", "--allow-empty", "--amend", "-m", "two"});
    user.commit("three");
    user.git({"reset", "-q", "--hard", "HEAD~1"});
    const std::string mine = user.head();
    CHECK(it.restored().empty());
    CHECK(user.tip("main") == mine);
  }
  SECTION("a new branch with a commit") {
    user.git({"checkout", "-q", "-b", "topic"});
    const std::string mine = user.commit("topic");
    CHECK(it.restored().empty());
    CHECK(user.tip("topic") == mine);
  }
  SECTION("another branch, then back") {
    user.git({"checkout", "-q", "release"});
    const std::string mine = user.commit("released");
    user.git({"checkout", "-q", "main"});
    CHECK(it.restored().empty());
    CHECK(user.tip("release") == mine);
  }
  SECTION("a renamed branch") {
    user.git({"branch", "-m", "main", "trunk"});
    CHECK(it.restored().empty());
    CHECK(user.tip("trunk") == old);
    CHECK_FALSE(user.git_succeeds({"rev-parse", "-q", "--verify", "refs/heads/main"}));
  }
  SECTION("a branch left and removed") {
    user.git({"checkout", "-q", "release"});
    user.git({"branch", "-D", "main"});
    CHECK(it.restored().empty());
    CHECK_FALSE(user.git_succeeds({"rev-parse", "-q", "--verify", "refs/heads/main"}));
  }
  SECTION("a stash") {
    user.write("README.md", "stashed\n");
    user.git({"stash", "-q"});
    CHECK(it.restored().empty());
    CHECK_THAT(user.git({"stash", "list"}), Contains("stash@{0}"));
  }
  SECTION("fetched branches and tags, and a branch that follows one") {
    GitProject remote;
    remote.git({"branch", "theirs"});
    remote.git({"tag", "v2"});
    user.git({"remote", "add", "origin", remote.root.native()});
    it.before = require(it.workspaces.guard(it.workspace));
    user.git({"fetch", "-q", "--tags", "origin"});
    user.git({"checkout", "-q", "-b", "theirs", "origin/theirs"});
    CHECK(it.restored().empty());
    CHECK_THAT(user.git({"config", "branch.theirs.remote"}), Contains("origin"));
  }
  SECTION("a commit in a checkout that keeps no log") {
    fs::remove_all(user.git_directory() / "logs");
    user.git({"config", "core.logAllRefUpdates", "false"});
    it.before = require(it.workspaces.guard(it.workspace));
    const std::string mine = user.commit("mine");
    CHECK(it.restored().empty());
    CHECK(user.tip("main") == mine);
  }
  SECTION("a commit in a linked work tree of theirs") {
    user.git({"worktree", "add", "-q", "../linked", "release"});
    it.before = require(it.workspaces.guard(it.workspace));
    const std::string mine =
        user.commit_in(user.root.parent_path() / "linked", "in the linked one");
    CHECK(it.restored().empty());
    CHECK(user.tip("release") == mine);
  }
  CHECK(user.complaints().empty());
}

TEST_CASE("an agent's move beside a person's is still put back") {
  Guarded it;
  const std::string mine = it.project.commit("mine");
  it.agent({"branch", "-f", "release", "HEAD~0"});
  it.agent({"commit", "-q", "--allow-empty", "-m", "own"});
  it.agent({"branch", "-f", "release", "HEAD"});
  CHECK_THAT(it.only_line(), Contains("\"release\" was moved"));
  CHECK(it.project.tip("main") == mine);
}

TEST_CASE("what the engine itself moves meanwhile is not blamed on an attempt") {
  Guarded it;
  const auto other = require(it.workspaces.open(2));
  GitProject::put(other.directory / "o.txt", "o\n");
  const std::string head = require(it.workspaces.snapshot(other, kText));
  require(it.workspaces.merge(2, kText));
  require(it.workspaces.save_aside(other, "run-1", "two"));
  require(it.workspaces.close(2));
  CHECK(it.restored().empty());
  CHECK(require(it.workspaces.integration_head()) == head);
  // A branch whose plan is closed is guarded again, at the value the engine gave it.
  it.agent({"update-ref", "refs/heads/konductor/01/plan-002/work", it.workspace.base});
  CHECK_THAT(it.only_line(), Contains("plan-002"));
  CHECK(it.project.tip("konductor/01/plan-002/work") == head);
}

TEST_CASE("a live plan's own commits are not another attempt's fault") {
  Guarded it;
  const auto other = require(it.workspaces.open(2));
  GitProject::put(other.directory / "o.txt", "o\n");
  const std::string made = it.project.commit_in(other.directory, "by the other agent");
  CHECK(it.restored().empty());
  CHECK(it.project.tip("konductor/01/plan-002/work") == made);
}

TEST_CASE("a branch that an earlier run left is guarded once its plan is closed") {
  Guarded it;
  GitProject::put(it.workspace.directory / "x.txt", "x\n");
  const std::string head = require(it.workspaces.snapshot(it.workspace, kText));
  GitWorkspaces later(it.project.options());
  require(later.prepare());
  require(later.open(1));
  const auto other = require(later.open(2));
  const auto before = require(later.guard(other));
  require(later.close(1));
  CHECK(require(later.restore_guarded(other, before)).empty());
  it.project.git({"update-ref", "refs/heads/konductor/01/plan-001/work", other.base});
  CHECK(require(later.restore_guarded(other, before)).size() == 1);
  CHECK(it.project.tip("konductor/01/plan-001/work") == head);
}
