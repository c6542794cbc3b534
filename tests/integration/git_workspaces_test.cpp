// SPDX-License-Identifier: MIT
#include "platform/git_workspaces.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "platform/git_factory.hpp"
#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitWorkspaces;
using konductor::platform::make_workspaces;
using Lines = std::vector<std::string>;

// Asked for by LeakSanitizer where it is linked, whichever compiler it is of:
// libgit2 1.5 leaks what it matched when it refuses a repository because of an extension.
extern "C" const char* __lsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:git_repository_open_ext\nleak:libpcre2";
}

namespace {

const ports::CommitText kText{"feat(01-plan-1): a task\n\nKonductor-Task: 01/001/1\n"};

// A project with its integration branch made.
struct Prepared {
  GitProject project;
  GitWorkspaces workspaces{project.options()};
  Prepared() { require(workspaces.prepare()); }
};

std::string refusal(const GitProject& project) {
  GitWorkspaces workspaces(project.options());
  const auto result = workspaces.prepare();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::environment);
  return result.error().message;
}

}  // namespace

TEST_CASE("preparing makes the integration branch and leaves the checkout alone") {
  Prepared it;
  CHECK(it.project.tip("konductor/01/main") == it.project.head());
  CHECK(require(it.workspaces.phase_base()) == it.project.head());
  CHECK(require(it.workspaces.integration_head()) == it.project.head());
  CHECK(it.project.git({"status", "--porcelain"}).empty());
  CHECK(it.project.git({"symbolic-ref", "HEAD"}) == "refs/heads/main");
  require(it.workspaces.prepare());
  CHECK(it.project.complaints().empty());
}

TEST_CASE("preparing says what to do about a repository that cannot be worked on") {
  SECTION("no commit yet") {
    CHECK(refusal(GitProject(GitProject::Start::unborn)).find("git commit") != std::string::npos);
  }
  SECTION("no repository") {
    CHECK(refusal(GitProject(GitProject::Start::without_git)).find("git init") !=
          std::string::npos);
  }
  SECTION("a bare one") {
    GitProject project;
    project.git({"clone", "-q", "--bare", ".", "../bare.git"});
    project.root = project.root.parent_path() / "bare.git";
    CHECK(refusal(project).find("bare repository") != std::string::npos);
  }
  SECTION("nobody to commit as") {
    GitProject project;
    project.git({"config", "--unset", "user.email"});
    CHECK(refusal(project).find("git config --global user.email") != std::string::npos);
  }
  SECTION("an extension that the library does not know") {
    GitProject project;
    project.git({"config", "core.repositoryFormatVersion", "1"});
    project.git({"config", "extensions.partialClone", "origin"});
    CHECK(refusal(project).find("partial clones") != std::string::npos);
  }
  SECTION("sha256") {
    GitProject project(GitProject::Start::without_git);
    project.git({"init", "-q", "--object-format=sha256"});
    CHECK(refusal(project).find("sha256") != std::string::npos);
  }
  SECTION("a clone that fetches files on demand") {
    GitProject project;
    project.git({"config", "remote.origin.promisor", "true"});
    CHECK(refusal(project).find("partial clone") != std::string::npos);
  }
  SECTION("files behind a filter") {
    GitProject project;
    project.write("assets/.gitattributes", "# pictures\n*.png filter=lfs diff=lfs -text\n");
    project.commit("lfs");
    CHECK(refusal(project).find("\"lfs\"") != std::string::npos);
  }
  SECTION("a branch in the way of the phase's") {
    GitProject project;
    project.git({"branch", "konductor"});
    CHECK(refusal(project).find("git branch -m konductor") != std::string::npos);
  }
}

TEST_CASE("branches where an earlier version had them are moved by the command that is told") {
  GitProject project;
  project.git({"branch", "konductor/01/main"});
  const std::string tree = project.root.string() + "-tree";
  project.git({"worktree", "add", "-q", "-b", "konductor/01/plan-001", tree});
  const std::string work = project.commit_in(tree, "work");
  project.git({"branch", "konductor/01/holistic"});
  const std::string message = refusal(project);
  const std::size_t begin = message.find('`') + 1;
  const std::string command = message.substr(begin, message.rfind('`') - begin);
  INFO(command);
  CHECK(run_program({"/bin/sh", "-c", command}, {}).exit_code == 0);
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  CHECK(project.tip("konductor/01/plan-001/work") == work);
  CHECK(project.git_in(tree, {"rev-parse", "HEAD"}) == work);
  CHECK(require(workspaces.open(1)).head == work);
}

TEST_CASE("a strategy that does not exist is a wrong setting") {
  GitProject project;
  auto options = project.options();
  options.branching_strategy = "rebase";
  CHECK(GitWorkspaces(options).prepare().error().code == ErrorCode::invalid_input);
}

TEST_CASE("a plan gets a work tree of its own on its own branch") {
  Prepared it;
  const auto workspace = require(it.workspaces.open(2));
  CHECK(workspace.plan == 2);
  CHECK(workspace.directory == it.project.root / ".konductor/worktrees/01-plan-002");
  CHECK(workspace.is_fresh);
  CHECK(workspace.base == it.project.head());
  CHECK(workspace.head == it.project.head());
  CHECK(GitProject::text_of(workspace.directory / "README.md") == "hello\n");
  CHECK(it.project.git_in(workspace.directory, {"symbolic-ref", "HEAD"}) ==
        "refs/heads/konductor/01/plan-002/work");
  CHECK(it.project.git_in(workspace.directory, {"status", "--porcelain"}).empty());
  CHECK(it.project.git({"worktree", "list"}).find("01-plan-002") != std::string::npos);
  CHECK(require(it.workspaces.dirt(workspace, workspace.head)).empty());

  const auto holistic = require(it.workspaces.open(0));
  CHECK(holistic.directory == it.project.root / ".konductor/worktrees/01-holistic");
  CHECK(it.project.complaints().empty());
}

TEST_CASE("a work tree stays fresh until an attempt is guarded, also for a later engine") {
  Prepared it;
  require(it.workspaces.open(1));
  GitWorkspaces later(it.project.options());
  const auto workspace = require(later.open(1));
  CHECK(workspace.is_fresh);
  require(later.guard(workspace));
  CHECK_FALSE(require(later.open(1)).is_fresh);
}

TEST_CASE("a snapshot commits everything that is not ignored, and nothing of .konductor") {
  GitProject project;
  project.write(".konductor/config.toml", "[git]\n");
  project.write("gone.txt", "x\n");
  project.write("tool.sh", "#!/bin/sh\n");
  project.write("kind", "a file\n");
  project.write("old/name.txt", "the same text before and after\n");
  project.git({"add", "-f", "-A"});
  const std::string start = project.commit("more");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  auto workspace = require(workspaces.open(1));
  const fs::path top = workspace.directory;

  GitProject::put(top / "new dir/with space/ü.txt", "1\n");
  GitProject::put(top / "line\nbreak.txt", "2\n");
  GitProject::put(top / "back\\slash\"quote.txt", "3\n");
  GitProject::put(top / "README.md", "hallo\n");
  GitProject::put(top / ".konductor/config.toml", "tampered\n");
  GitProject::put(top / ".konductor/out/summary.md", "## Status: DONE\n");
  GitProject::put(top / "build/a.o", "ignored\n");
  GitProject::put(top / "trace.log", "ignored\n");
  fs::create_directories(top / "empty/inner");
  fs::remove(top / "gone.txt");
  fs::permissions(top / "tool.sh", fs::perms::owner_all | fs::perms::group_exec);
  fs::remove(top / "kind");
  fs::create_symlink("README.md", top / "kind");
  fs::create_symlink("nowhere", top / "link");
  fs::create_directories(top / "fresh");
  fs::rename(top / "old/name.txt", top / "fresh/name.txt");

  const Lines expected = {"M README.md",      "A back\\slash\"quote.txt",
                          "A fresh/name.txt", "D gone.txt",
                          "T kind",           "A line\nbreak.txt",
                          "A link",           "A new dir/with space/ü.txt",
                          "D old/name.txt",   "M tool.sh"};
  CHECK(lines_of(require(workspaces.dirt(workspace, start))) == expected);
  const std::string head = require(workspaces.snapshot(workspace, kText));
  CHECK(head != start);
  CHECK(lines_of(require(workspaces.changes(start, head))) == expected);
  CHECK(require(workspaces.dirt(workspace, head)).empty());
  CHECK(project.tip("konductor/01/plan-001/work") == head);
  CHECK(project.git({"rev-parse", head + "^"}) == start);
  CHECK(project.git({"log", "-1", "--format=%an <%ae> %cn", head}) == "Ada <ada@example.org> Ada");
  CHECK(project.git({"log", "-1", "--format=%B", head}) ==
        "feat(01-plan-1): a task\n\nKonductor-Task: 01/001/1");
  CHECK(project.git({"ls-tree", head, "tool.sh"}).rfind("100755", 0) == 0);
  CHECK(project.git({"ls-tree", head, "kind"}).rfind("120000", 0) == 0);
  CHECK(require(workspaces.file_at(head, ".konductor/config.toml")) == "[git]\n");
  CHECK(workspaces.file_at(head, ".konductor/out/summary.md").error().code == ErrorCode::not_found);
  // The agent's own git sees a clean tree, but for what is never committed.
  CHECK(project.git_in(top, {"status", "--porcelain", "--", ":!.konductor"}).empty());

  workspace.head = head;
  CHECK(require(workspaces.snapshot(workspace, kText)) == head);
  CHECK(project.git({"status", "--porcelain", "--", ":!.konductor"}).empty());
  CHECK(project.complaints().empty());
}

TEST_CASE("rules of ignoring that changed between two snapshots count for the second") {
  GitProject project;
  const fs::path exclude = project.root / ".git/info/exclude";
  const fs::path own = project.root / ".git/own-rules";
  GitProject::put(exclude, "*.data\n");
  GitProject::put(own, "*.own\n");
  project.git({"config", "core.excludesFile", own.native()});
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  auto workspace = require(workspaces.open(1));
  GitProject::put(workspace.directory / "a.data", "data\n");
  GitProject::put(workspace.directory / "b.own", "own\n");
  GitProject::put(workspace.directory / "c.txt", "c\n");
  const std::string start = workspace.head;
  const auto next = [&] {
    const std::string before = workspace.head;
    workspace.head = require(workspaces.snapshot(workspace, kText));
    return lines_of(require(workspaces.changes(before, workspace.head)));
  };
  CHECK(next() == Lines{"A c.txt"});
  GitProject::put(exclude, "*.other\n");
  CHECK(next() == Lines{"A a.data"});
  GitProject::put(own, "*.text\n");
  CHECK(next() == Lines{"A b.own"});
}

TEST_CASE("files become directories, directories become files, and links never lead out") {
  Prepared it;
  it.project.write("a", "file\n");
  it.project.write("d/b", "inside\n");
  it.project.commit("shapes");
  require(it.workspaces.prepare());
  const auto workspace = require(it.workspaces.open(1));
  const fs::path outside = it.project.root.parent_path() / "outside";
  GitProject::put(outside / "precious.txt", "keep\n");
  fs::remove(workspace.directory / "a");
  GitProject::put(workspace.directory / "a/inner", "now a directory\n");
  fs::remove_all(workspace.directory / "d");
  fs::create_directory_symlink(outside, workspace.directory / "d");
  fs::remove_all(workspace.directory / "src");
  GitProject::put(workspace.directory / "src", "now a file\n");
  const Lines expected = {"D a", "A a/inner", "A d", "D d/b", "A src", "D src/main.c"};
  CHECK(lines_of(require(it.workspaces.dirt(workspace, workspace.head))) == expected);
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(it.workspaces.changes(workspace.head, head))) == expected);
  require(it.workspaces.reset(workspace, workspace.head));
  CHECK(GitProject::text_of(workspace.directory / "d/b") == "inside\n");
  CHECK(GitProject::text_of(workspace.directory / "a") == "file\n");
  CHECK(GitProject::text_of(workspace.directory / "src/main.c").rfind("int main", 0) == 0);
  CHECK(GitProject::text_of(outside / "precious.txt") == "keep\n");
  CHECK(require(it.workspaces.dirt(workspace, workspace.head)).empty());
  require(it.workspaces.reset(workspace, head));
  CHECK(fs::is_symlink(workspace.directory / "d"));
  CHECK(GitProject::text_of(workspace.directory / "a/inner") == "now a directory\n");
  CHECK(GitProject::text_of(outside / "precious.txt") == "keep\n");
}

TEST_CASE("files in a repository that a tool made below are work like any other") {
  Prepared it;
  auto workspace = require(it.workspaces.open(1));
  GitProject::put(workspace.directory / "app/code.txt", "1\n");
  GitProject::put(workspace.directory / "app/deep/more.txt", "2\n");
  GitProject::put(workspace.directory / "app/deep/debug.log", "ignored\n");
  it.project.git_in(workspace.directory / "app", {"init", "-q"});
  const Lines expected = {"A app/code.txt", "A app/deep/more.txt"};
  CHECK(lines_of(require(it.workspaces.dirt(workspace, workspace.head))) == expected);
  const std::string start = workspace.head;
  workspace.head = require(it.workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(it.workspaces.changes(start, workspace.head))) == expected);
  CHECK(require(it.workspaces.dirt(workspace, workspace.head)).empty());
  GitProject::put(workspace.directory / "app/later.txt", "3\n");
  CHECK(lines_of(require(it.workspaces.dirt(workspace, workspace.head))) ==
        Lines{"A app/later.txt"});
}

TEST_CASE("what an agent does to its own index hides nothing") {
  Prepared it;
  const auto workspace = require(it.workspaces.open(1));
  const fs::path top = workspace.directory;
  it.project.git_in(top, {"update-index", "--assume-unchanged", "README.md"});
  it.project.git_in(top, {"update-index", "--skip-worktree", "src/main.c"});
  GitProject::put(top / "README.md", "changed\n");
  GitProject::put(top / "src/main.c", "changed\n");
  GitProject::put(top / "staged.txt", "then removed\n");
  it.project.git_in(top, {"add", "staged.txt"});
  fs::remove(top / "staged.txt");
  const Lines expected = {"M README.md", "M src/main.c"};
  CHECK(lines_of(require(it.workspaces.dirt(workspace, workspace.head))) == expected);
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(it.workspaces.changes(workspace.head, head))) == expected);
  CHECK(it.project.git_in(top, {"status", "--porcelain"}).empty());
}

TEST_CASE("a change of the same size in the same instant is seen") {
  Prepared it;
  auto workspace = require(it.workspaces.open(1));
  for (char letter = 'a'; letter < 'k'; ++letter) {
    GitProject::put(workspace.directory / "same.txt", std::string(1, letter));
    const std::string head = require(it.workspaces.snapshot(workspace, kText));
    CHECK(head != workspace.head);
    CHECK(require(it.workspaces.file_at(head, "same.txt")) == std::string(1, letter));
    workspace.head = head;
  }
}

TEST_CASE("commits that the agent made itself stay under the engine's") {
  Prepared it;
  const auto workspace = require(it.workspaces.open(1));
  GitProject::put(workspace.directory / "one.txt", "1\n");
  const std::string own = it.project.commit_in(workspace.directory, "agent's own");
  SECTION("with more work on top") {
    GitProject::put(workspace.directory / "two.txt", "2\n");
    const std::string head = require(it.workspaces.snapshot(workspace, kText));
    CHECK(it.project.tip(head + "^") == own);
  }
  SECTION("with nothing on top") {
    CHECK(require(it.workspaces.snapshot(workspace, kText)) == own);
  }
  SECTION("but what they say about .konductor is taken back") {
    GitProject::put(workspace.directory / ".konductor/state.toml", "mine\n");
    it.project.git_in(workspace.directory, {"add", "-f", ".konductor"});
    it.project.git_in(workspace.directory, {"commit", "-q", "-m", "sly"});
    const std::string head = require(it.workspaces.snapshot(workspace, kText));
    CHECK(lines_of(require(it.workspaces.changes(workspace.head, head))) == Lines{"A one.txt"});
    CHECK(it.project.git({"ls-tree", "--name-only", head}).find(".konductor") == std::string::npos);
  }
  CHECK(it.project.complaints().empty());
}

TEST_CASE("wherever an agent leaves HEAD, the snapshot ends on the plan's branch") {
  Prepared it;
  it.project.write("second.txt", "2\n");
  it.project.commit("second");
  require(it.workspaces.prepare());
  const auto workspace = require(it.workspaces.open(1));
  const fs::path top = workspace.directory;
  const auto agent = [&](const Lines& arguments) { return it.project.git_in(top, arguments); };
  std::string expected_parent = workspace.head;
  std::string must_survive;
  SECTION("on a branch of its own") {
    agent({"checkout", "-q", "-b", "my-feature"});
    GitProject::put(top / "feature.txt", "f\n");
    expected_parent = it.project.commit_in(top, "feature");
  }
  SECTION("detached, with commits") {
    agent({"checkout", "-q", "--detach"});
    GitProject::put(top / "feature.txt", "f\n");
    expected_parent = it.project.commit_in(top, "detached");
  }
  SECTION("on a commit of before") {
    agent({"reset", "-q", "--hard", "HEAD~1"});
  }
  SECTION("detached at a commit of before") {
    agent({"checkout", "-q", "HEAD~1"});
  }
  SECTION("on an orphan branch") {
    agent({"checkout", "-q", "--orphan", "island"});
    GitProject::put(top / "island.txt", "i\n");
    must_survive = it.project.commit_in(top, "island");
  }
  SECTION("on an amended commit") {
    GitProject::put(top / "amended.txt", "a\n");
    agent({"add", "-A"});
    agent({"commit", "-q", "--amend", "-m", "amended"});
    must_survive = agent({"rev-parse", "HEAD"});
  }
  SECTION("nowhere") {
    GitProject::put(it.project.git_directory() / "worktrees/01-plan-001/HEAD", "rubbish\n");
  }
  GitProject::put(top / "last.txt", "last\n");
  CHECK(lines_of(require(it.workspaces.dirt(workspace, workspace.head))).front() == "M HEAD");
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  CHECK(it.project.tip(head + "^") == expected_parent);
  CHECK(it.project.tip("konductor/01/plan-001/work") == head);
  CHECK(agent({"symbolic-ref", "HEAD"}) == "refs/heads/konductor/01/plan-001/work");
  CHECK(agent({"status", "--porcelain"}).empty());
  CHECK(require(it.workspaces.file_at(head, "last.txt")) == "last\n");
  CHECK(require(it.workspaces.dirt(workspace, head)).empty());
  if (!must_survive.empty())
    CHECK_FALSE(
        it.project.git({"for-each-ref", "--contains", must_survive, "refs/konductor"}).empty());
  CHECK(it.project.complaints().empty());
}

TEST_CASE("an unfinished merge of the agent's is ended, its files are kept") {
  Prepared it;
  it.project.git({"checkout", "-q", "-b", "side"});
  it.project.write("README.md", "side\n");
  it.project.commit("side");
  it.project.git({"checkout", "-q", "main"});
  const auto workspace = require(it.workspaces.open(1));
  GitProject::put(workspace.directory / "README.md", "mine\n");
  it.project.commit_in(workspace.directory, "mine");
  const std::string git_file = GitProject::text_of(workspace.directory / ".git");
  GitProject::put(workspace.directory / "try.sh", "git merge side || true\n");
  CHECK_FALSE(it.project.git_succeeds({"-C", workspace.directory, "merge", "side"}));
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  CHECK(require(it.workspaces.file_at(head, "README.md")).find("<<<<<<<") == 0);
  CHECK(it.project.git_in(workspace.directory, {"status"}).find("merg") == std::string::npos);
  CHECK(GitProject::text_of(workspace.directory / ".git") == git_file);
}

TEST_CASE("a reset brings the tree back and leaves ignored files") {
  Prepared it;
  const auto workspace = require(it.workspaces.open(1));
  const fs::path top = workspace.directory;
  GitProject::put(top / "README.md", "changed\n");
  GitProject::put(top / "new/deep/file.txt", "n\n");
  GitProject::put(top / "build/kept.o", "o\n");
  GitProject::put(top / "own/.git/config", "");
  GitProject::put(top / "own/x.txt", "x\n");
  fs::remove(top / "src/main.c");
  SECTION("as it is") {}
  SECTION("also when the rules of what is ignored were changed") {
    GitProject::put(top / ".gitignore", "*.txt\n");
  }
  SECTION("also when the rules are gone") {
    fs::remove(top / ".gitignore");
  }
  SECTION("also when the agent committed") {
    it.project.commit_in(top, "agent");
  }
  SECTION("also when nothing links the tree to its repository any more") {
    fs::remove(top / ".git");
  }
  require(it.workspaces.reset(workspace, workspace.head));
  CHECK(GitProject::text_of(top / "README.md") == "hello\n");
  CHECK(fs::exists(top / "src/main.c"));
  CHECK_FALSE(fs::exists(top / "new"));
  CHECK_FALSE(fs::exists(top / "own/x.txt"));
  CHECK(GitProject::text_of(top / ".gitignore") == "*.log\nbuild/\n");
  CHECK(fs::exists(top / "build/kept.o"));
  CHECK(require(it.workspaces.dirt(workspace, workspace.head)).empty());
  CHECK(it.project.git_in(top, {"rev-parse", "HEAD"}) == workspace.head);
  // Without a look at the files' content.
  CHECK(it.project.git_in(top, {"diff-index", "--name-only", "HEAD"}).empty());
}

TEST_CASE("an older state is shown for a while, and the branch stays where it is") {
  Prepared it;
  auto workspace = require(it.workspaces.open(1));
  const std::string base = workspace.head;
  GitProject::put(workspace.directory / "new.txt", "n\n");
  workspace.head = require(it.workspaces.snapshot(workspace, kText));
  require(it.workspaces.show(workspace, base));
  CHECK_FALSE(fs::exists(workspace.directory / "new.txt"));
  const Lines removed = {"D new.txt"};
  CHECK(lines_of(require(it.workspaces.dirt(workspace, workspace.head))) == removed);
  CHECK(require(it.workspaces.open(1)).head == workspace.head);
  require(it.workspaces.reset(workspace, workspace.head));
  CHECK(GitProject::text_of(workspace.directory / "new.txt") == "n\n");
  CHECK(require(it.workspaces.dirt(workspace, workspace.head)).empty());
  CHECK(it.project.git_in(workspace.directory, {"diff-index", "--name-only", "HEAD"}).empty());
}

TEST_CASE("work is kept aside under a reference before it is thrown away") {
  Prepared it;
  auto workspace = require(it.workspaces.open(1));
  CHECK(require(it.workspaces.save_aside(workspace, "run-1", "001-task-1-executor-1")).empty());
  GitProject::put(workspace.directory / "half.txt", "half\n");
  const std::string name =
      require(it.workspaces.save_aside(workspace, "run-1", "001-task-1-executor-1"));
  CHECK(name == "refs/konductor/run-1/001-task-1-executor-1");
  CHECK(it.project.git({"show", name + ":half.txt"}) == "half");
  CHECK(it.project.tip(name + "^") == workspace.head);
  CHECK(GitProject::text_of(workspace.directory / "half.txt") == "half\n");
  CHECK(it.project.tip("konductor/01/plan-001/work") == workspace.head);
  require(it.workspaces.reset(workspace, workspace.head));

  GitProject::put(workspace.directory / "own.txt", "own\n");
  const std::string own = it.project.commit_in(workspace.directory, "agent");
  const std::string second =
      require(it.workspaces.save_aside(workspace, "run-1", "001-task-1-executor-1"));
  CHECK(second == name + "-2");
  CHECK(it.project.tip(second) == own);
  CHECK(it.project.git({"show", name + ":half.txt"}) == "half");
}

TEST_CASE("commits that a reset takes off the branch stay within reach") {
  Prepared it;
  auto workspace = require(it.workspaces.open(1));
  GitProject::put(workspace.directory / "own.txt", "own\n");
  const std::string own = it.project.commit_in(workspace.directory, "agent");
  const auto keepers = [&] {
    return it.project.git(
        {"for-each-ref", "--format=%(refname)", "--contains", own, "refs/konductor/run-1"});
  };
  SECTION("when nobody kept them") {
    // As after a crash: the next engine finds the branch where the agent left it.
    workspace = require(it.workspaces.open(1));
    REQUIRE(workspace.head == own);
    require(it.workspaces.reset(workspace, workspace.base));
    CHECK(keepers().find("refs/konductor/run-1/touched/plan-001/") == 0);
  }
  SECTION("once only") {
    const std::string name = require(it.workspaces.save_aside(workspace, "run-1", "attempt"));
    require(it.workspaces.reset(workspace, workspace.base));
    CHECK(keepers() == name);
  }
  CHECK(it.project.git_in(workspace.directory, {"rev-parse", "HEAD"}) == workspace.base);
  CHECK_FALSE(fs::exists(workspace.directory / "own.txt"));
}

TEST_CASE("a patch shows what differs and ends where it must") {
  Prepared it;
  const auto workspace = require(it.workspaces.open(1));
  GitProject::put(workspace.directory / "README.md", "hello\nworld\n");
  GitProject::put(workspace.directory / "binary", std::string("\0\1\2", 3));
  const std::string head = require(it.workspaces.snapshot(workspace, kText));
  const std::string patch = require(it.workspaces.patch(workspace.head, head, 1 << 20));
  CHECK(patch.find("+world\n") != std::string::npos);
  CHECK(patch.find("Binary files") != std::string::npos);
  const std::string cut = require(it.workspaces.patch(workspace.head, head, 100));
  CHECK(cut.size() < 250);
  CHECK(cut.find("cut here, at 100 bytes; 2 files differ") != std::string::npos);
  CHECK(require(it.workspaces.patch(head, head, 100)).empty());
  CHECK(it.workspaces.file_at(head, "src").error().code == ErrorCode::not_found);
  CHECK(it.workspaces.file_at(head, "no/such").error().code == ErrorCode::not_found);
  CHECK(it.workspaces.changes("rubbish", head).error().code == ErrorCode::not_found);
}

TEST_CASE("a project below the top of its repository works in its own folder") {
  GitProject project;
  project.write("services/api/app.txt", "app\n");
  project.write("lib/shared.txt", "shared\n");
  project.commit("services");
  project.root /= "services/api";
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  auto workspace = require(workspaces.open(1));
  CHECK(workspace.directory == project.root / ".konductor/worktrees/01-plan-001/services/api");
  GitProject::put(workspace.directory / "app.txt", "changed\n");
  GitProject::put(workspace.directory / ".konductor/out.md", "never\n");
  GitProject::put(workspace.directory / "../../lib/shared.txt", "changed too\n");
  const Lines expected = {"M ../../lib/shared.txt", "M app.txt"};
  CHECK(lines_of(require(workspaces.dirt(workspace, workspace.head))) == expected);
  const std::string head = require(workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(workspaces.changes(workspace.head, head))) == expected);
  CHECK(require(workspaces.file_at(head, "app.txt")) == "changed\n");
  CHECK(require(workspaces.file_at(head, "../../lib/shared.txt")) == "changed too\n");
  CHECK(require(workspaces.merge(1, kText)).is_clean);
  CHECK(require(workspaces.deliver()).is_delivered);
  CHECK(project.read("app.txt") == "changed\n");
  require(workspaces.close(1));
}

TEST_CASE("submodules are left as they are") {
  GitProject library;
  GitProject project;
  project.git({"-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
               library.root.native(), "vendor/lib"});
  project.commit("with a submodule");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  CHECK(require(workspaces.dirt(workspace, workspace.head)).empty());
  GitProject::put(workspace.directory / "vendor/lib/scratch.txt", "ignored\n");
  GitProject::put(workspace.directory / "new.txt", "n\n");
  const std::string head = require(workspaces.snapshot(workspace, kText));
  CHECK(lines_of(require(workspaces.changes(workspace.head, head))) == Lines{"A new.txt"});
  CHECK(project.git({"ls-tree", head, "vendor/lib"}) ==
        project.git({"ls-tree", "HEAD", "vendor/lib"}));
  require(workspaces.merge(1, kText));
  CHECK(require(workspaces.deliver()).is_delivered);
}

TEST_CASE("a shallow clone is worked on like any other") {
  GitProject origin;
  origin.write("two.txt", "2\n");
  origin.commit("second");
  GitProject project(GitProject::Start::without_git);
  project.git({"clone", "-q", "--depth", "1", "file://" + origin.root.native(), "."});
  project.git({"config", "user.name", "Ada"});
  project.git({"config", "user.email", "ada@example.org"});
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  for (const int plan : {1, 2}) {
    const auto workspace = require(workspaces.open(plan));
    GitProject::put(workspace.directory / ("plan" + std::to_string(plan)), "p\n");
    require(workspaces.snapshot(workspace, kText));
  }
  CHECK(require(workspaces.merge(1, kText)).is_clean);
  CHECK(require(workspaces.merge(2, kText)).is_clean);
  CHECK(require(workspaces.deliver()).is_delivered);
  CHECK(project.read("plan2") == "p\n");
}

TEST_CASE("phases and runs get names that git accepts") {
  GitProject project;
  auto options = project.options();
  options.phase = "01-auth ~ v..2";
  options.run = "2024:01:02.lock";
  GitWorkspaces workspaces(options);
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  GitProject::put(workspace.directory / "x", "x\n");
  CHECK(require(workspaces.save_aside(workspace, options.run, "a name: x")) ==
        "refs/konductor/2024-01-02.lock-/a-name--x");
  CHECK(project.tip("konductor/01-auth---v.-2/plan-001/work") == workspace.head);
}

TEST_CASE("the worktree directory can be elsewhere, and can change between runs") {
  GitProject project;
  auto options = project.options();
  options.worktree_dir = "../trees";
  const fs::path elsewhere = project.root.parent_path() / "trees/01-plan-001";
  {
    GitWorkspaces workspaces(options);
    require(workspaces.prepare());
    CHECK(require(workspaces.open(1)).directory == elsewhere);
  }
  GitProject::put(elsewhere / "half.txt", "half\n");
  GitWorkspaces later(project.options());
  require(later.prepare());
  const auto workspace = require(later.open(1));
  CHECK(workspace.directory == elsewhere);
  CHECK(lines_of(require(later.dirt(workspace, workspace.head))) == Lines{"A half.txt"});
  require(later.close(1));
  CHECK_FALSE(fs::exists(elsewhere));
}

TEST_CASE("the kind of isolation follows from where the project is") {
  const auto kind = [](const GitProject& project, const char* setting) {
    return std::string(require(make_workspaces(project.options(), setting))->isolation());
  };
  GitProject inside;
  CHECK(kind(inside, "auto") == "worktree");
  CHECK(kind(inside, "none") == "none");
  GitProject outside(GitProject::Start::without_git);
  CHECK(kind(outside, "auto") == "none");
  CHECK(kind(outside, "worktree") == "worktree");
  CHECK(make_workspaces(outside.options(), "container").error().code == ErrorCode::invalid_input);

  GitProject home;
  home.write(".gitignore", "*\n");
  fs::create_directories(home.root / "work/project");
  home.root /= "work/project";
  CHECK(kind(home, "auto") == "none");

  GitProject unreadable(GitProject::Start::without_git);
  unreadable.git({"init", "-q", "--object-format=sha256"});
  CHECK(kind(unreadable, "auto") == "worktree");
}
