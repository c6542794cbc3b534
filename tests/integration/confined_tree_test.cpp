// SPDX-License-Identifier: MIT
// What a confined attempt does to its work tree and to the repository, whatever confines it.
#include <unistd.h>

#include "agent/confinement.hpp"
#include "integration/process_fixture.hpp"
#include "platform/git_cleanup.hpp"
#include "support/bubblewrap.hpp"
#include "support/git_project.hpp"
#include "support/landlock.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;
using konductor::platform::GitWorkspaces;

namespace {

// A project with two plans' trees, and attempts in the first.
struct ConfinedTree : ProcessFixture {
  GitProject project;
  GitWorkspaces workspaces{project.options()};
  ports::Workspace workspace;
  ports::Workspace other;
  std::string bwrap;
  std::vector<std::string> writable;
  std::string said;

  explicit ConfinedTree(std::string program) : bwrap(std::move(program)) {
    require(workspaces.prepare());
    project.write(".konductor/konductor.db", "journal");
    workspace = require(workspaces.open(1));
    other = require(workspaces.open(2));
    project.git({"pack-refs", "--all"});
    require(workspaces.commit_places(other));
    allow({true, true});
  }

  void allow(const agent::Permissions& permissions) {
    agent::AttemptPlaces places;
    places.project = project.root;
    places.tree = workspace.directory;
    places.workspace = workspace.directory;
    places.run_directory = dir / "run";
    for (const fs::path& path : require(workspaces.commit_places(workspace)))
      places.commit.push_back(path);
    const std::string temporary = dir / "temporary";
    const auto variable = [&](std::string_view name) {
      return name == "TMPDIR" ? temporary : std::string();
    };
    writable = agent::writable_places({}, {}, permissions, places, variable);
  }

  ports::ProcessSpec shell(const std::string& command) {
    ports::ProcessSpec confined = spec({});
    confined.argv = {"/bin/sh", "-c", command};
    confined.environment.push_back("HOME=" + dir.text());
    confined.directory = workspace.directory;
    confined.confinement = ports::Confinement{bwrap, writable, {}, {}};
    return confined;
  }

  // Whether the shell command, run in the tree, is let through.
  bool may(const std::string& command) {
    const ports::ProcessSpec confined = shell(command);
    const auto ended = supervise(confined);
    said = read_file(confined.stderr_path);
    return ended.exit.exit_code == 0;
  }

  void check_refused(const std::vector<std::string>& commands) {
    for (const std::string& command : commands) {
      INFO(command);
      CHECK_FALSE(may(command));
      CHECK_THAT(said, Contains("Permission denied") || Contains("Read-only file system"));
    }
  }

  std::string tip(int plan) const {
    return project.tip("konductor/01/plan-00" + std::to_string(plan) + "/work");
  }
};

// What there is of it here: "" is Landlock, else bubblewrap's program.
std::vector<std::string> mechanisms() {
  std::vector<std::string> found;
  if (has_landlock()) found.emplace_back();
  if (has_bubblewrap()) found.push_back(find_bwrap());
  return found;
}

}  // namespace

TEST_CASE("a confined executor commits in its work tree") {
  for (const std::string& bwrap : mechanisms()) {
    ConfinedTree it(bwrap);
    const std::string before = it.tip(1);
    REQUIRE(it.may("echo new > new.txt && git add -A && git commit -q -m one"));
    CHECK(it.project.tip("konductor/01/plan-001/work~1") == before);
    CHECK(it.may("git commit -q --amend -m two && git reset -q --hard HEAD~1"));
    CHECK(it.may("git checkout -q --detach && git checkout -q konductor/01/plan-001/work"));
    CHECK(it.may("echo more > new.txt"));
    const ports::CommitText text{"feat: all of it\n"};
    it.workspace.head = before;
    CHECK(require(it.workspaces.snapshot(it.workspace, text)) != before);
    CHECK(it.project.complaints().empty());
  }
}

TEST_CASE("a confined executor moves no branch but its own, and no log of one") {
  for (const std::string& bwrap : mechanisms()) {
    ConfinedTree it(bwrap);
    const std::string git = it.project.git_directory();
    const std::string other = it.tip(2);
    const std::string integration = it.project.tip("konductor/01/main");
    const std::string packed = GitProject::text_of(git + "/packed-refs");
    REQUIRE(it.may("git commit -q --allow-empty -m own"));
    const std::string own = it.tip(1);
    it.check_refused({
        "git update-ref refs/heads/konductor/01/plan-002/work HEAD",
        "git update-ref refs/heads/konductor/01/main HEAD",
        "git update-ref -d refs/heads/konductor/01/plan-002/work",
        "git update-ref -d refs/heads/konductor/01/main",
        "git pack-refs --all --prune",
        "echo x > " + git + "/refs/heads/konductor/01/plan-002/work",
        "echo x > " + git + "/refs/heads/konductor/01/plan-002/work.lock",
        "echo x > " + git + "/refs/heads/konductor/01/main",
        "echo x > " + git + "/refs/heads/konductor/01/plan-001.lock",
        "mv " + git + "/refs/heads/konductor/01/plan-001 " + git + "/refs/heads/konductor/01/more",
        "rm -r " + git + "/refs/heads/konductor/01/plan-002",
        "echo x >> " + git + "/logs/refs/heads/konductor/01/plan-002/work",
        "echo x >> " + git + "/logs/refs/heads/konductor/01/main",
        "echo x >> " + git + "/packed-refs",
        "echo x > " + git + "/packed-refs.lock",
        "rm " + git + "/packed-refs",
    });
    CHECK_FALSE(it.may("git branch -f konductor/01/plan-009/work"));
    CHECK(it.tip(1) == own);
    CHECK(it.tip(2) == other);
    CHECK(it.project.tip("konductor/01/main") == integration);
    CHECK(GitProject::text_of(git + "/packed-refs") == packed);
    CHECK(it.project.complaints().empty());
  }
}

TEST_CASE("a confined executor goes on committing when references are packed meanwhile") {
  for (const std::string& bwrap : mechanisms()) {
    ConfinedTree it(bwrap);
    const ports::ProcessSpec spec = it.shell(
        "git commit -q --allow-empty -m one && : > ready && "
        "while ! test -e go; do :; done; git commit -q --allow-empty -m two");
    const auto process = it.start(spec);
    it.run_until([&] { return fs::exists(it.workspace.directory / "ready"); });
    it.project.git({"pack-refs", "--all", "--prune"});
    CHECK_FALSE(fs::exists(it.project.git_directory() / "refs/heads/konductor/01/plan-001/work"));
    write_file(it.workspace.directory / "go", "");
    CHECK(it.supervise(*process).exit.exit_code == 0);
    INFO(read_file(spec.stderr_path));
    CHECK(it.project.tip("konductor/01/plan-001/work~2") == it.workspace.head);
    CHECK(it.project.complaints().empty());
  }
}

TEST_CASE("what holds the folder of a plan's branch goes with its use") {
  GitProject project;
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const ports::Workspace workspace = require(workspaces.open(1));
  require(workspaces.commit_places(workspace));
  const fs::path folder = project.git_directory() / "refs/heads/konductor/01/plan-001";
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 2);
  CHECK(project.git({"for-each-ref", "--format=%(refname)", "refs/heads/konductor"}) ==
        "refs/heads/konductor/01/main\nrefs/heads/konductor/01/plan-001/work");
  CHECK(project.complaints().empty());
  SECTION("when the plan is closed") {
    require(workspaces.close(1));
    CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
  }
  SECTION("when its branch is cleaned away") {
    const auto cleanup = require(platform::GitCleanup::open(project.root, ""));
    for (const engine::Leftover& leftover : require(cleanup.find({{"01", {"run-1"}, true}})))
      require(cleanup.remove(leftover, "run-2"));
    require(cleanup.tidy({"01"}));
    CHECK_FALSE(fs::exists(project.git_directory() / "refs/heads/konductor"));
    CHECK_FALSE(fs::exists(project.git_directory() / "logs/refs/heads/konductor"));
  }
}

TEST_CASE("what a confined executor makes of its branch leads the engine nowhere else") {
  struct Row {
    std::string what;
    std::string command;
    bool is_told;
  };
  const std::string into = "cd \"$(git rev-parse --git-common-dir)\" && ";
  const std::string branch = "refs/heads/konductor/01/plan-001/work";
  const std::vector<Row> rows = {
      {"a link to another branch", into + "ln -sf ../plan-002/work " + branch, true},
      {"a link to the settings", into + "ln -sf ../../../../../config " + branch, true},
      {"a link to nothing", into + "ln -sf ../../../../../hooks/new " + branch, true},
      {"a symbolic reference", into + "echo 'ref: refs/heads/main' > " + branch, false},
      {"rubbish", into + "echo rubbish > " + branch, true},
      {"a folder", into + "rm " + branch + " && mkdir " + branch + " && : > " + branch + "/x",
       true},
      {"a log that is a link", into + "ln -sf ../../../../../../config logs/" + branch, true},
      {"a log that is a folder", into + "rm logs/" + branch + " && mkdir -p logs/" + branch + "/x",
       true},
      {"nothing", into + "rm " + branch + " logs/" + branch, false}};
  for (const std::string& bwrap : mechanisms()) {
    for (const Row& row : rows) {
      INFO(row.what << " " << bwrap);
      ConfinedTree it(bwrap);
      it.project.write("more", "more\n");
      it.project.commit("more");
      const std::string main = it.project.head();
      const std::string other = it.tip(2);
      const std::string config = it.project.read(".git/config");
      const ports::GuardState before = require(it.workspaces.guard(it.workspace));
      REQUIRE(it.may("echo new > new.txt && git add new.txt && git commit -q -m own"));
      CHECK(it.may(row.command));
      CHECK(require(it.workspaces.restore_guarded(it.workspace, before)).empty() == !row.is_told);
      const ports::CommitText text{"feat: all of it\n"};
      const std::string commit = require(it.workspaces.snapshot(it.workspace, text));
      CHECK(it.tip(1) == commit);
      CHECK(it.project.git({"show", commit + ":new.txt"}) == "new");
      CHECK(it.project.head() == main);
      CHECK(it.tip(2) == other);
      CHECK(it.project.read(".git/config") == config);
      CHECK_FALSE(fs::exists(it.project.root / ".git/hooks/new"));
      CHECK(it.project.complaints().empty());
    }
  }
}

TEST_CASE("what a confined executor makes of its tree's folder leads the engine nowhere else") {
  const std::vector<std::string> rows = {"rm HEAD && ln -s \"$victim\" HEAD.tmp",
                                         "ln -s \"$victim\" index.tmp",
                                         "ln -s \"$victim\" konductor-indexed.tmp",
                                         "ln -sf \"$victim\" HEAD",
                                         "ln -sf \"$victim\" index",
                                         "ln -sf \"$victim\" konductor-index",
                                         "ln -s \"$victim\" konductor-index.lock",
                                         "ln -sf \"$victim\" commondir",
                                         "rm HEAD && mkdir -p HEAD/x",
                                         "rm index && mkdir -p index/x",
                                         "rm konductor-index && mkdir -p konductor-index/x",
                                         "rm -r ../01-plan-001/*"};
  for (const std::string& bwrap : mechanisms()) {
    for (const std::string& row : rows) {
      INFO(row << " " << bwrap);
      ConfinedTree it(bwrap);
      const std::string victim = it.dir / "victim";
      write_file(victim, "kept\n");
      const ports::GuardState before = require(it.workspaces.guard(it.workspace));
      REQUIRE(it.may("echo new > new.txt && git add new.txt && git commit -q -m own"));
      CHECK(it.may("victim='" + victim + "' && cd \"$(git rev-parse --git-dir)\" && " + row));
      require(it.workspaces.restore_guarded(it.workspace, before));
      const ports::CommitText text{"feat: all of it\n"};
      const std::string commit = require(it.workspaces.snapshot(it.workspace, text));
      CHECK(read_file(victim) == "kept\n");
      CHECK(it.tip(1) == commit);
      CHECK(it.project.git({"show", commit + ":new.txt"}) == "new");
      CHECK(it.project.git_in(it.workspace.directory, {"status", "--porcelain"}).empty());
      CHECK(it.project.complaints().empty());
    }
  }
}

TEST_CASE("a confined executor changes nothing else of the repository or the project") {
  for (const std::string& bwrap : mechanisms()) {
    ConfinedTree it(bwrap);
    const std::string main = it.project.tip("main");
    const std::string git = it.project.git_directory();
    const std::string root = it.project.root;
    const std::string config = GitProject::text_of(git + "/config");
    it.check_refused({
        "git config user.name Eve",
        "echo '[alias]' >> " + git + "/config",
        "echo x > " + git + "/hooks/pre-commit",
        "mv " + git + "/hooks " + git + "/gone",
        "git update-ref refs/heads/main $(git commit-tree -m x HEAD^{tree})",
        "git branch more",
        "git tag v1",
        "git update-ref refs/stash HEAD",
        "echo x > " + git + "/refs/heads/main",
        "echo x > " + git + "/HEAD",
        "echo x > " + git + "/index",
        "echo x >> " + git + "/logs/HEAD",
        "echo x > " + git + "/info/attributes",
        "echo x > " + git + "/worktrees/01-plan-002/HEAD",
        "git worktree add " + root + "/more",
        "echo x >> " + it.other.directory.string() + "/README.md",
        "echo x >> " + root + "/README.md",
        "echo x >> " + root + "/.konductor/konductor.db",
        "rm " + root + "/.konductor/konductor.db",
    });
    CHECK(it.project.tip("main") == main);
    CHECK(GitProject::text_of(git + "/config") == config);
    CHECK(it.project.read(".konductor/konductor.db") == "journal");
    CHECK(it.project.git({"status", "--porcelain", "--untracked-files=no"}).empty());
    CHECK(it.project.complaints().empty());
  }
}

TEST_CASE("a confined reviewer builds in the tree and reads its history, but cannot commit") {
  for (const std::string& bwrap : mechanisms()) {
    ConfinedTree it(bwrap);
    it.allow({false, true});
    CHECK(it.may("mkdir -p build && echo x > build/out && git status && git log && git diff HEAD"));
    CHECK_FALSE(it.may("git add -A"));
    CHECK_FALSE(it.may("git commit -q --allow-empty -m x"));
    CHECK(it.tip(1) == it.workspace.head);
  }
}
