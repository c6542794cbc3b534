// SPDX-License-Identifier: MIT
// git.auto_commit = false: the result comes home as changes in the working tree.
#include <catch2/catch.hpp>

#include "support/finished_phase.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kChanges =
    " M README.md\n D removed.txt\n M run.sh\n?? docs/blob\n?? docs/new.txt\n?? link";

platform::WorkspacesOptions uncommitted() {
  platform::WorkspacesOptions options;
  options.auto_commit = false;
  return options;
}

struct Uncommitted : FinishedPhase {
  Uncommitted() : FinishedPhase(uncommitted()) {}

  std::string status() const {
    return project.git_in(project.root,
                          {"status", "--porcelain", "-uall", "--", ".", ":!.konductor"});
  }
  void check_delivered() {
    const auto delivery = require(workspaces.deliver());
    INFO(delivery.detail);
    CHECK(delivery.is_delivered);
    CHECK(delivery.as == ports::DeliveredAs::working_tree);
    CHECK(delivery.command.empty());
    CHECK_FALSE(is_delivering());
    CHECK(project.complaints().empty());
  }
  void check_refused(const std::string& why) {
    const std::string before = project.git({"status", "--porcelain", "--ignored"});
    const auto delivery = require(workspaces.deliver());
    CHECK_FALSE(delivery.is_delivered);
    CHECK_THAT(delivery.detail, Contains(why));
    CHECK(project.git({"status", "--porcelain", "--ignored"}) == before);
  }
};

}  // namespace

TEST_CASE("a result is brought to the working tree without a commit") {
  Uncommitted it;
  const std::string index = it.project.git({"ls-files", "-s"});
  it.project.write("notes.txt", "mine, not tracked\n");
  it.project.write("build/out.o", "ignored\n");
  it.check_delivered();
  CHECK(it.has_result());
  CHECK(it.project.head() == it.start);
  CHECK(it.project.git({"ls-files", "-s"}) == index);
  CHECK(it.status() == std::string(kChanges) + "\n?? notes.txt");
  CHECK(it.project.tip("konductor/01/main") == it.result);
  CHECK(it.project.git({"worktree", "list"}).find("01-plan") == std::string::npos);
}

TEST_CASE("what was brought to the working tree is not brought again") {
  Uncommitted it;
  it.check_delivered();
  SECTION("while it is there") {
    it.project.write("README.md", "changed, and edited\n");
    it.check_delivered();
    CHECK(it.project.read("README.md") == "changed, and edited\n");
  }
  SECTION("after it was committed") {
    const std::string mine = it.project.commit("my own words");
    it.check_delivered();
    CHECK(it.project.head() == mine);
  }
  SECTION("after it was edited and committed") {
    it.project.write("README.md", "changed, and edited\n");
    it.project.commit("my own words");
    it.check_delivered();
  }
  SECTION("after it was thrown away") {
    it.project.git({"reset", "-q", "--hard"});
    it.project.git({"clean", "-q", "-fd", "--", "docs", "link"});
    it.check_delivered();
    CHECK(it.project.read("README.md") == "hello\n");
  }
}

TEST_CASE("a later run goes on from what the user committed of the working tree") {
  Uncommitted it;
  it.check_delivered();
  it.project.write("mine.txt", "mine\n");
  const std::string mine = it.project.commit("my own words");
  require(it.workspaces.prepare());
  CHECK(require(it.workspaces.integration_head()) == mine);
  CHECK(require(it.workspaces.phase_base()) == it.start);
  it.work(2, [](const fs::path& directory) {
    CHECK(fs::exists(directory / "mine.txt"));
    GitProject::put(directory / "more.txt", "more\n");
  });
  it.check_delivered();
  CHECK(it.status() == "?? more.txt");
  CHECK(it.project.head() == mine);
}

TEST_CASE("more work is not brought over an earlier result that is not committed") {
  Uncommitted it;
  it.check_delivered();
  require(it.workspaces.prepare());
  const std::string result = it.work(
      2, [](const fs::path& directory) { GitProject::put(directory / "README.md", "again\n"); });
  it.check_refused("commit or stash");
  const auto delivery = require(it.workspaces.deliver());
  SECTION("the command brings what is new") {
    const RunResult ran = it.shell(delivery.command);
    INFO(delivery.command << ": " << ran.err);
    CHECK(ran.exit_code == 0);
    CHECK(it.project.read("README.md") == "again\n");
    CHECK(it.project.read("docs/new.txt") == "new\n");
    it.check_delivered();
  }
  SECTION("after a stash all of it is brought") {
    it.project.git({"stash", "-q", "-u", "--", ".", ":!.konductor"});
    it.check_delivered();
    CHECK(it.project.read("README.md") == "again\n");
    CHECK(it.project.read("docs/new.txt") == "new\n");
  }
  SECTION("after a commit what is new is brought") {
    it.project.commit("mine");
    require(it.workspaces.prepare());
    CHECK(require(it.workspaces.integration_head()) == result);
    const auto moved = require(it.workspaces.deliver());
    CHECK_FALSE(moved.is_delivered);
    CHECK_THAT(moved.detail, Contains("moved on"));
    CHECK(it.shell(moved.command).exit_code == 0);
    CHECK(it.status() == " M README.md");
    CHECK(it.project.read("README.md") == "again\n");
  }
}

TEST_CASE("new files of an earlier result are known in the working tree") {
  GitProject project;
  platform::GitWorkspaces workspaces(FinishedPhase::with_root(uncommitted(), project));
  require(workspaces.prepare());
  for (const int plan : {1, 2}) {
    const auto workspace = require(workspaces.open(plan));
    GitProject::put(workspace.directory / "new.txt", std::to_string(plan) + "\n");
    require(workspaces.snapshot(workspace, {"feat(01-plan-1): a task\n"}));
    require(workspaces.merge(plan, {"merge\n"}));
    require(workspaces.close(plan));
    const auto delivery = require(workspaces.deliver());
    CHECK(delivery.is_delivered == (plan == 1));
    if (plan == 2) CHECK_THAT(delivery.detail, Contains("commit or stash"));
  }
  CHECK(project.read("new.txt") == "1\n");
}

TEST_CASE("nothing of the user's is overwritten by uncommitted changes") {
  Uncommitted it;
  const std::string head = it.project.head();
  SECTION("an edited file") {
    it.project.write("src/main.c", "mine\n");
    it.check_refused("src/main.c");
  }
  SECTION("a staged file") {
    it.project.write("staged.txt", "mine\n");
    it.project.git({"add", "staged.txt"});
    it.check_refused("staged.txt");
  }
  SECTION("an untracked file in the way") {
    it.project.write("docs/new.txt", "mine\n");
    it.check_refused("in the way");
    CHECK(it.project.read("docs/new.txt") == "mine\n");
    CHECK(it.project.read("README.md") == "hello\n");
  }
  SECTION("another branch") {
    it.project.git({"checkout", "-q", "-b", "other"});
    it.check_refused("not checked out");
  }
  SECTION("a merge under way") {
    it.project.write(".git/MERGE_HEAD", it.start + "\n");
    it.check_refused("under way");
  }
  SECTION("another git command") {
    it.project.write(".git/index.lock", "");
    const auto delivery = require(it.workspaces.deliver());
    CHECK_FALSE(delivery.is_delivered);
    CHECK_THAT(delivery.detail, Contains("index.lock"));
    CHECK_THAT(it.project.read("README.md"), Contains("hello"));
  }
  CHECK(it.project.head() == head);
}

TEST_CASE("the command for uncommitted changes brings files that were added and removed") {
  Uncommitted it;
  it.project.write("src/main.c", "mine\n");
  for (const char* name : {"diff.noprefix", "diff.mnemonicPrefix"})
    it.project.git({"config", name, "true"});
  it.project.git({"config", "color.ui", "always"});
  it.project.git({"config", "apply.whitespace", "error"});
  const auto delivery = require(it.workspaces.deliver());
  REQUIRE_FALSE(delivery.is_delivered);
  SECTION("beside the user's own work") {}
  SECTION("after the branch moved on") {
    it.project.commit("mine");
  }
  const std::string head = it.project.head();
  const std::string index = it.project.git({"ls-files", "-s"});
  const RunResult ran = it.shell(delivery.command);
  INFO(delivery.command << ": " << ran.err);
  CHECK(ran.exit_code == 0);
  CHECK(it.has_result());
  CHECK(it.project.read("src/main.c") == "mine\n");
  CHECK(it.project.head() == head);
  CHECK(it.project.git({"ls-files", "-s"}) == index);
}

TEST_CASE("what a person brought home with the command counts as delivered") {
  Uncommitted it;
  it.project.write("src/main.c", "mine\n");
  const auto delivery = require(it.workspaces.deliver());
  REQUIRE(it.shell(delivery.command).exit_code == 0);
  it.check_delivered();
  CHECK(it.project.read("src/main.c") == "mine\n");
}

TEST_CASE("the command for uncommitted changes works in a folder of the repository") {
  GitProject project;
  project.write("services/api/a.txt", "a\n");
  project.commit("api");
  auto options = uncommitted();
  options.run = "run-1";
  options.root = project.root / "services/api";
  platform::GitWorkspaces workspaces(options);
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  GitProject::put(workspace.directory / "b.txt", "b\n");
  GitProject::put(workspace.directory / "../outside.txt", "o\n");
  require(workspaces.snapshot(workspace, {"feat(01-plan-1): a task\n"}));
  require(workspaces.merge(1, {"merge\n"}));
  project.write("README.md", "mine\n");
  const auto delivery = require(workspaces.deliver());
  REQUIRE_FALSE(delivery.is_delivered);
  const RunResult ran =
      run_program({"/bin/sh", "-c", "cd '" + options.root.native() + "' && " + delivery.command});
  INFO(delivery.command << ": " << ran.err);
  CHECK(ran.exit_code == 0);
  CHECK(project.read("services/api/b.txt") == "b\n");
  CHECK(project.read("services/outside.txt") == "o\n");
}

TEST_CASE("uncommitted changes that a kill cut short are brought by the next run") {
  Uncommitted it;
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
  SECTION("after all files") {
    it.project.git({"restore", "--source=konductor/01/main", "--worktree", "--", "."});
    REQUIRE(it.has_result());
  }
  SECTION("after it was remembered") {
    it.project.git({"restore", "--source=konductor/01/main", "--worktree", "--", "."});
    it.project.git({"update-ref", "refs/konductor/01/delivered", it.result});
  }
  it.check_delivered();
  CHECK(it.has_result());
  CHECK(it.project.head() == it.start);
  CHECK(it.status() == kChanges);
}

TEST_CASE("what a person edited after uncommitted changes were cut short stays") {
  Uncommitted it;
  it.project.git({"update-ref", "refs/konductor/01/delivering", it.result});
  it.project.write("docs/new.txt", "a person's text\n");
  it.check_refused("docs/new.txt");
  CHECK(it.project.read("docs/new.txt") == "a person's text\n");
}

TEST_CASE("a squashed result counts as home") {
  FinishedPhase it;
  it.project.git({"merge", "-q", "--squash", "konductor/01/main"});
  const std::string mine = it.project.commit("squashed");
  require(it.workspaces.prepare());
  CHECK(require(it.workspaces.integration_head()) == mine);
  CHECK(require(it.workspaces.deliver()).is_delivered);
  CHECK(it.project.head() == mine);
}
