// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "support/finished_phase.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitWorkspaces;

namespace {

const ports::CommitText kText{"feat(01-plan-1): a task\n"};

struct Finished : FinishedPhase {
  explicit Finished(const std::string& strategy = "none")
      : FinishedPhase(with_strategy(strategy)) {}

  static platform::WorkspacesOptions with_strategy(const std::string& strategy) {
    platform::WorkspacesOptions options;
    options.branching_strategy = strategy;
    return options;
  }

  void check_refused(const std::string& why) {
    const std::string status = project.git({"status", "--porcelain", "--ignored"});
    const std::string head = project.head();
    const auto delivery = require(workspaces.deliver());
    CHECK_FALSE(delivery.is_delivered);
    CHECK_THAT(delivery.detail, Catch::Matchers::Contains(why));
    CHECK_THAT(delivery.command, Catch::Matchers::StartsWith("git "));
    CHECK(project.head() == head);
    CHECK(project.git({"status", "--porcelain", "--ignored"}) == status);
  }

  void check_delivered() {
    const auto delivery = require(workspaces.deliver());
    INFO(delivery.detail);
    CHECK(delivery.is_delivered);
    CHECK(project.tip("main") == result);
    CHECK(project.complaints().empty());
  }
};

}  // namespace

TEST_CASE("the user's branch and files are brought to the result") {
  Finished it;
  it.project.write("build/out.o", "ignored\n");
  it.project.write("notes.txt", "not tracked, in nobody's way\n");
  it.project.write(".konductor/state.toml", "never counts\n");
  it.check_delivered();
  CHECK(it.project.head() == it.result);
  CHECK(it.project.read("README.md") == "changed\n");
  CHECK(it.project.read("docs/new.txt") == "new\n");
  CHECK_FALSE(fs::exists(it.project.root / "removed.txt"));
  CHECK(it.project.read("notes.txt") == "not tracked, in nobody's way\n");
  CHECK(it.project.git({"status", "--porcelain"}) == "?? .konductor/\n?? notes.txt");
  CHECK(it.project.git({"symbolic-ref", "HEAD"}) == "refs/heads/main");
  it.check_delivered();
}

TEST_CASE("a tracked .konductor that the run changed does not hinder the delivery") {
  Finished it;
  it.project.write(".konductor/state.toml", "phase = 1\n");
  it.project.git({"add", "-f", ".konductor/state.toml"});
  it.project.git({"commit", "-q", "-m", "state"});
  require(it.workspaces.prepare());
  it.start = it.project.head();
  // The integration branch had work of its own, so the user's commit keeps it from being forward.
  it.check_refused("moved on");
}

TEST_CASE("a phase that starts with a tracked .konductor delivers beside its changes") {
  GitProject project;
  project.write(".konductor/state.toml", "phase = 1\n");
  project.git({"add", "-f", "."});
  project.commit("state");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  project.write(".konductor/state.toml", "phase = 1, executing\n");
  const auto workspace = require(workspaces.open(1));
  GitProject::put(workspace.directory / "new.txt", "n\n");
  require(workspaces.snapshot(workspace, kText));
  require(workspaces.merge(1, kText));
  CHECK(require(workspaces.deliver()).is_delivered);
  CHECK(project.read(".konductor/state.toml") == "phase = 1, executing\n");
  CHECK(project.read("new.txt") == "n\n");
}

TEST_CASE("nothing is delivered over the user's own work") {
  Finished it;
  SECTION("an edited file") {
    it.project.write("src/main.c", "mine\n");
    it.check_refused("src/main.c");
    CHECK(it.project.read("src/main.c") == "mine\n");
  }
  SECTION("a staged file") {
    it.project.write("staged.txt", "mine\n");
    it.project.git({"add", "staged.txt"});
    it.check_refused("staged.txt");
  }
  SECTION("a removed file") {
    fs::remove(it.project.root / "README.md");
    it.check_refused("README.md");
  }
  SECTION("an untracked file in the way") {
    it.project.write("docs/new.txt", "mine\n");
    it.check_refused("in the way");
    CHECK(it.project.read("docs/new.txt") == "mine\n");
    CHECK(it.project.read("README.md") == "hello\n");
  }
  SECTION("an ignored file in the way") {
    it.project.write(".git/info/exclude", "docs/\n");
    it.project.write("docs/new.txt", "mine\n");
    it.check_refused("in the way");
    CHECK(it.project.read("docs/new.txt") == "mine\n");
  }
  SECTION("a file where a directory has to be") {
    it.project.write("docs", "mine\n");
    it.check_refused("in the way");
    CHECK(it.project.read("docs") == "mine\n");
  }
  SECTION("a commit") {
    it.project.write("mine.txt", "mine\n");
    it.project.commit("mine");
    it.check_refused("moved on");
    CHECK(require(it.workspaces.deliver()).command == "git merge konductor/01/main");
  }
  SECTION("another git command") {
    it.project.write(".git/index.lock", "");
    const auto delivery = require(it.workspaces.deliver());
    CHECK_FALSE(delivery.is_delivered);
    CHECK_THAT(delivery.detail, Catch::Matchers::Contains("index.lock"));
    CHECK(fs::exists(it.project.git_directory() / "index.lock"));
  }
  SECTION("a merge under way") {
    it.project.write(".git/MERGE_HEAD", it.start + "\n");
    it.check_refused("under way");
  }
  SECTION("a sparse checkout") {
    it.project.git({"config", "core.sparseCheckout", "true"});
    it.check_refused("sparse");
  }
  CHECK(it.project.tip("konductor/01/main") == it.result);
}

TEST_CASE("the one command that is told brings the result home") {
  Finished it;
  it.project.write("mine.txt", "mine\n");
  it.project.git({"add", "mine.txt"});
  const auto delivery = require(it.workspaces.deliver());
  REQUIRE(delivery.command == "git merge --ff-only konductor/01/main");
  it.project.git({"commit", "-q", "-m", "mine"});
  it.project.git({"reset", "-q", "--hard", "HEAD~1"});
  it.project.git({"merge", "--ff-only", "konductor/01/main"});
  CHECK(it.project.head() == it.result);
}

TEST_CASE("a branch that is not checked out is only moved") {
  Finished it;
  it.project.git({"checkout", "-q", "-b", "elsewhere"});
  it.project.write("src/main.c", "dirty, but on another branch\n");
  it.check_delivered();
  CHECK(it.project.head() == it.start);
  CHECK(it.project.read("README.md") == "hello\n");
}

TEST_CASE("a branch that another work tree has checked out is left") {
  Finished it;
  it.project.git({"checkout", "-q", "-b", "elsewhere"});
  it.project.git({"worktree", "add", "-q", "../linked", "main"});
  it.check_refused("another work tree");
  CHECK(it.project.tip("main") == it.start);
}

TEST_CASE("a branch that was removed meanwhile is not made again") {
  Finished it;
  it.project.git({"checkout", "-q", "-b", "elsewhere"});
  it.project.git({"branch", "-D", "main"});
  const auto delivery = require(it.workspaces.deliver());
  CHECK_FALSE(delivery.is_delivered);
  CHECK_THAT(delivery.detail, Catch::Matchers::Contains("\"main\" is gone"));
}

TEST_CASE("from a detached HEAD only the command is reported") {
  GitProject project;
  project.git({"checkout", "-q", "--detach"});
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  GitProject::put(workspace.directory / "new.txt", "n\n");
  const std::string result = require(workspaces.snapshot(workspace, kText));
  require(workspaces.merge(1, kText));
  const auto delivery = require(workspaces.deliver());
  CHECK_FALSE(delivery.is_delivered);
  CHECK(delivery.command == "git merge --ff-only konductor/01/main");
  CHECK_THAT(delivery.detail, Catch::Matchers::Contains("detached"));
  project.git({"merge", "--ff-only", "konductor/01/main"});
  CHECK(project.head() == result);
}

TEST_CASE("with the feature strategy the user's branch stays") {
  Finished it("feature");
  it.check_refused("konductor/01/main");
}

TEST_CASE("the phase follows the user's branch while it has no work of its own") {
  GitProject project;
  {
    GitWorkspaces workspaces(project.options());
    require(workspaces.prepare());
  }
  GitWorkspaces workspaces(project.options());
  SECTION("a new commit") {
    project.write("mine.txt", "mine\n");
    project.commit("mine");
  }
  SECTION("an amended one") {
    project.git({"commit", "-q", "--amend", "-m", "better"});
  }
  SECTION("another branch") {
    project.git({"checkout", "-q", "-b", "topic"});
    project.commit("on topic");
  }
  require(workspaces.prepare());
  CHECK(require(workspaces.integration_head()) == project.head());
  CHECK(require(workspaces.phase_base()) == project.head());
  const auto workspace = require(workspaces.open(1));
  GitProject::put(workspace.directory / "new.txt", "n\n");
  const std::string result = require(workspaces.snapshot(workspace, kText));
  require(workspaces.merge(1, kText));
  CHECK(require(workspaces.deliver()).is_delivered);
  CHECK(project.head() == result);
}

TEST_CASE("the phase follows the user's branch once its work is in there") {
  Finished it;
  it.check_delivered();
  it.project.write("mine.txt", "mine\n");
  const std::string mine = it.project.commit("mine");
  GitWorkspaces later(it.project.options());
  require(later.prepare());
  CHECK(require(later.integration_head()) == mine);
  CHECK(require(later.phase_base()) == it.start);
}

TEST_CASE("work of the phase that is not delivered is never left behind") {
  Finished it;
  it.project.write("mine.txt", "mine\n");
  it.project.commit("mine");
  GitWorkspaces later(it.project.options());
  require(later.prepare());
  CHECK(require(later.integration_head()) == it.result);
  CHECK(require(later.phase_base()) == it.start);
}

TEST_CASE("a plan that has begun keeps its base when the user rewrites the branch") {
  GitProject project;
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  GitProject::put(workspace.directory / "new.txt", "n\n");
  require(workspaces.snapshot(workspace, kText));
  const std::string before = project.head();
  project.git({"commit", "-q", "--amend", "-m", "rewritten"});
  GitWorkspaces later(project.options());
  require(later.prepare());
  CHECK(require(later.integration_head()) == before);
}

TEST_CASE("a delivery that was killed halfway is finished by the next one") {
  Finished it;
  it.project.git({"update-ref", "refs/konductor/01/delivering", it.result});
  SECTION("before any file") {}
  SECTION("after some files") {
    it.project.write("README.md", "changed\n");
    it.project.write("docs/new.txt", "ne");
    fs::remove(it.project.root / "removed.txt");
  }
  SECTION("with a file gone") {
    fs::remove(it.project.root / "README.md");
  }
  SECTION("after all files and the index, before the branch") {
    it.project.git({"read-tree", "-u", "-m", it.start, it.result});
  }
  it.check_delivered();
  CHECK(it.project.read("README.md") == "changed\n");
  CHECK(it.project.read("docs/new.txt") == "new\n");
  CHECK_FALSE(fs::exists(it.project.root / "removed.txt"));
  CHECK(it.project.git({"status", "--porcelain"}).empty());
  CHECK_FALSE(
      it.project.git_succeeds({"rev-parse", "-q", "--verify", "refs/konductor/01/delivering"}));
}

TEST_CASE("what a person edited after a killed delivery is not overwritten") {
  Finished it;
  it.project.git({"update-ref", "refs/konductor/01/delivering", it.result});
  it.project.write("README.md", "changed\n");
  SECTION("in a file of the result") {
    it.project.write("docs/new.txt", "a person's text\n");
    it.check_refused("docs/new.txt");
  }
  SECTION("in a directory where a file has to be") {
    it.project.write("docs/new.txt/mine", "mine\n");
    it.check_refused("docs/new.txt");
  }
  SECTION("in another file") {
    it.project.write("src/main.c", "mine\n");
    const auto delivery = require(it.workspaces.deliver());
    CHECK_FALSE(delivery.is_delivered);
    CHECK_THAT(delivery.detail, Catch::Matchers::Contains("src/main.c"));
    CHECK(it.project.read("src/main.c") == "mine\n");
  }
}

TEST_CASE("locks that a killed delivery left are removed by the next one") {
  Finished it;
  const fs::path git = it.project.root / ".git";
  it.project.git({"update-ref", "refs/konductor/01/delivering", it.result});
  SECTION("on the index, which it was about to write") {
    it.project.write(".git/konductor-01-index-mark", "");
    fs::create_hard_link(git / "konductor-01-index-mark", git / "index.lock");
  }
  SECTION("on the branch, just made") {
    it.project.write(".git/refs/heads/main.lock", "");
  }
  SECTION("on the branch, about to take effect") {
    it.project.write(".git/refs/heads/main.lock", it.result + "\n");
  }
  SECTION("on a branch that is not checked out") {
    it.project.write(".git/refs/heads/main.lock", it.result + "\n");
    it.project.git({"checkout", "-q", "-b", "other"});
  }
  it.check_delivered();
  CHECK(it.project.git({"status", "--porcelain"}).empty());
  for (const char* name :
       {"index.lock", "konductor-01-index", "konductor-01-index-mark", "refs/heads/main.lock"})
    CHECK_FALSE(fs::exists(git / name));
}

TEST_CASE("locks of other programs are respected") {
  Finished it;
  const fs::path git = it.project.root / ".git";
  it.project.git({"update-ref", "refs/konductor/01/delivering", it.result});
  SECTION("on the index") {
    it.project.write(".git/index.lock", "");
    it.check_refused("index.lock");
    CHECK(fs::exists(git / "index.lock"));
  }
  SECTION("on the branch") {
    it.project.write(".git/refs/heads/main.lock", it.start + "\n");
    CHECK_FALSE(require(it.workspaces.deliver()).is_delivered);
    CHECK(it.project.read("README.md") != "changed\n");
    CHECK(fs::exists(git / "refs/heads/main.lock"));
  }
}
