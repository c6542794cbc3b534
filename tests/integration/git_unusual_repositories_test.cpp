// SPDX-License-Identifier: MIT
// Repositories that are not a plain clone: each works, or is refused with what to do about it.
#include <catch2/catch.hpp>
#include <functional>

#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;
using platform::GitWorkspaces;
using Lines = std::vector<std::string>;

namespace {

struct Row {
  std::string name;
  GitProject::Start start = GitProject::Start::with_commit;
  std::function<void(GitProject&)> make;
  std::string refusal = {};  // "" works.
};

void name_somebody(const GitProject& project) {
  project.git({"config", "user.name", "Ada"});
  project.git({"config", "user.email", "ada@example.org"});
}

// Makes the project a clone of a copy of itself.
void clone_with(GitProject& project, const Lines& options) {
  const fs::path origin = project.root.parent_path() / "origin";
  fs::rename(project.root, origin);
  for (const char* key : {"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"})
    project.git_in(origin, {"config", key, "true"});
  Lines words = {"clone", "-q"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"file://" + origin.native(), project.root.native()});
  project.git_in(origin, words);
  name_somebody(project);
}

std::vector<Row> rows() {
  const auto with_commit = GitProject::Start::with_commit;
  const auto without_git = GitProject::Start::without_git;
  return {
      {"a plain one", with_commit, [](GitProject&) {}},
      {"without a commit", GitProject::Start::unborn, [](GitProject&) {}, "git commit"},
      {"a branch without a commit", with_commit,
       [](GitProject& it) {
         it.git({"checkout", "-q", "--orphan", "new"});
       },
       "git commit"},
      {"a bare one", with_commit,
       [](GitProject& it) {
         it.git({"clone", "-q", "--bare", ".", "../bare.git"});
         it.root = it.root.parent_path() / "bare.git";
       },
       "git worktree add"},
      {"sha256", without_git,
       [](GitProject& it) {
         it.git({"init", "-q", "--object-format=sha256"});
       },
       "sha256"},
      {"a partial clone", with_commit,
       [](GitProject& it) { clone_with(it, {"--filter=blob:none"}); }, "partial clone"},
      {"a shallow clone", with_commit,
       [](GitProject& it) {
         it.commit("second");
         clone_with(it, {"--depth", "1"});
       }},
      {"files behind a filter", with_commit,
       [](GitProject& it) {
         it.write(".gitattributes", "*.bin filter=lfs diff=lfs -text\n");
         it.commit("lfs");
       },
       "\"lfs\""},
      {"a filter that only the configuration knows", with_commit,
       [](GitProject& it) {
         it.git({"config", "filter.lfs.smudge", "git-lfs smudge %f"});
       }},
      {"a linked work tree", with_commit,
       [](GitProject& it) {
         it.git({"worktree", "add", "-q", "-b", "topic", "../linked"});
         it.root = it.root.parent_path() / "linked";
       }},
      {"a work tree of a bare one", with_commit,
       [](GitProject& it) {
         it.git({"clone", "-q", "--bare", ".", "../bare.git"});
         it.git_in(it.root.parent_path() / "bare.git", {"worktree", "add", "-q", "../linked"});
         it.root = it.root.parent_path() / "linked";
         name_somebody(it);
       }},
      {"settings of one work tree", with_commit,
       [](GitProject& it) {
         it.git({"config", "extensions.worktreeConfig", "true"});
         it.git({"config", "--worktree", "some.key", "value"});
       }},
      {"line ends of Windows", with_commit,
       [](GitProject& it) {
         it.git({"config", "core.autocrlf", "true"});
         it.git({"rm", "-q", "-r", "--cached", "."});
         it.git({"reset", "-q", "--hard"});
         CHECK(it.read("README.md") == "hello\r\n");
       }},
      {"names without regard to case", with_commit,
       [](GitProject& it) {
         it.git({"config", "core.ignoreCase", "true"});
       }},
      {"no executable bits", with_commit,
       [](GitProject& it) {
         it.git({"config", "core.fileMode", "false"});
       }},
      {"references in one file", with_commit,
       [](GitProject& it) {
         it.git({"pack-refs", "--all"});
       }},
      {"objects of another repository", with_commit,
       [](GitProject& it) { clone_with(it, {"--shared"}); }},
      {"a split index", with_commit,
       [](GitProject& it) {
         it.git({"update-index", "--split-index"});
       }},
  };
}

}  // namespace

TEST_CASE("unusual repositories work or are refused with what to do") {
  for (const Row& row : rows()) {
    DYNAMIC_SECTION(row.name) {
      GitProject project(row.start);
      row.make(project);
      GitWorkspaces workspaces(project.options());
      const auto prepared = workspaces.prepare();
      if (!row.refusal.empty()) {
        REQUIRE(prepared.has_error());
        CHECK(prepared.error().code == ErrorCode::environment);
        CHECK_THAT(prepared.error().message, Contains(row.refusal));
        continue;
      }
      require(prepared);
      const auto workspace = require(workspaces.open(1));
      CHECK(require(workspaces.dirt(workspace, workspace.head)).empty());
      GitProject::put(workspace.directory / "new.txt", "n\n");
      const std::string head = require(workspaces.snapshot(workspace, {"feat: a task\n"}));
      CHECK(lines_of(require(workspaces.changes(workspace.head, head))) == Lines{"A new.txt"});
      CHECK(require(workspaces.merge(1, {"merge\n"})).is_clean);
      require(workspaces.close(1));
      auto delivery = require(workspaces.deliver());
      for (const Lines& step : delivery.work.steps) {
        project.git(Lines(step.begin() + 1, step.end()));
        delivery = require(workspaces.deliver());
      }
      INFO(delivery.detail);
      CHECK(delivery.is_delivered);
      CHECK_THAT(project.read("new.txt"), Catch::Matchers::StartsWith("n"));
      CHECK(project.head() == head);
      CHECK(project.git({"status", "--porcelain", "--", ".", ":!.konductor"}).empty());
      CHECK(project.complaints().empty());
    }
  }
}

namespace {

// A sparse checkout of `kept/` and the top, and a phase that changes inside and outside of it.
struct Sparse {
  explicit Sparse(bool has_sparse_index, platform::WorkspacesOptions more = {})
      : options(with_project(std::move(more))), workspaces(options) {
    project.write("kept/a.txt", "a\n");
    project.write("left/b.txt", "b\n");
    project.commit("folders");
    Lines words = {"sparse-checkout", "set", "--cone"};
    if (has_sparse_index) words.emplace_back("--sparse-index");
    words.emplace_back("kept");
    project.git(words);
    REQUIRE_FALSE(fs::exists(project.root / "left"));
    require(workspaces.prepare());
    const auto workspace = require(workspaces.open(1));
    // Attempts see everything.
    CHECK(fs::exists(workspace.directory / "left/b.txt"));
    GitProject::put(workspace.directory / "kept/a.txt", "changed\n");
    GitProject::put(workspace.directory / "left/b.txt", "changed\n");
    GitProject::put(workspace.directory / "left/new.txt", "new\n");
    GitProject::put(workspace.directory / "kept/new.txt", "new\n");
    result = require(workspaces.snapshot(workspace, {"feat: a task\n"}));
    require(workspaces.merge(1, {"merge\n"}));
    require(workspaces.close(1));
  }

  platform::WorkspacesOptions with_project(platform::WorkspacesOptions made) const {
    made.root = project.root;
    made.run = "run-1";
    return made;
  }

  GitProject project;
  platform::WorkspacesOptions options;
  GitWorkspaces workspaces;
  std::string result;
};

}  // namespace

TEST_CASE("a sparse checkout is brought forward by git and stays sparse") {
  const bool has_sparse_index = GENERATE(false, true);
  CAPTURE(has_sparse_index);
  Sparse it(has_sparse_index);
  const auto delivery = require(it.workspaces.deliver());
  INFO(delivery.detail);
  CHECK_FALSE(delivery.is_delivered);
  REQUIRE(delivery.work.steps.size() == 1);
  SECTION("when nothing is in the way") {
    Lines words = delivery.work.steps.front();
    words.erase(words.begin());
    it.project.git(words);
    CHECK(require(it.workspaces.deliver()).is_delivered);
    CHECK(it.project.head() == it.result);
    CHECK(it.project.read("kept/a.txt") == "changed\n");
    CHECK(it.project.read("kept/new.txt") == "new\n");
    CHECK_FALSE(fs::exists(it.project.root / "left"));
    CHECK(it.project.git({"status", "--porcelain", "--", ".", ":!.konductor"}).empty());
  }
  SECTION("not over the user's own work") {
    it.project.write("kept/a.txt", "mine\n");
    Lines words = delivery.work.steps.front();
    words.erase(words.begin());
    CHECK_FALSE(it.project.git_succeeds(words));
    CHECK(require(it.workspaces.abandon_delivery()).empty());
    CHECK(it.project.read("kept/a.txt") == "mine\n");
  }
  CHECK_FALSE(fs::exists(it.project.root / "left"));
}

TEST_CASE("a sparse checkout gets no uncommitted changes, but the command for them") {
  platform::WorkspacesOptions more;
  more.auto_commit = false;
  Sparse it(false, more);
  const auto delivery = require(it.workspaces.deliver());
  CHECK_FALSE(delivery.is_delivered);
  CHECK(delivery.work.steps.empty());
  CHECK_THAT(delivery.detail, Contains("sparse"));
  CHECK_FALSE(fs::exists(it.project.root / "left"));
  const std::string go = "cd '" + it.project.root.native() + "' && ";
  const RunResult ran = run_program({"/bin/sh", "-c", go + delivery.command});
  INFO(delivery.command << ": " << ran.err);
  CHECK(ran.exit_code == 0);
  CHECK(it.project.read("kept/a.txt") == "changed\n");
  CHECK(it.project.read("kept/new.txt") == "new\n");
  CHECK_FALSE(fs::exists(it.project.root / "left"));
  CHECK(it.project.git({"show", ":left/b.txt"}) == "changed");
  CHECK_FALSE(it.project.head() == it.result);
}

TEST_CASE("a delivery leaves the user's submodules alone") {
  GitProject library;
  library.write("code.c", "1\n");
  library.commit("code");
  GitProject project;
  project.git({"-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
               library.root.native(), "vendor/lib"});
  project.commit("with a submodule");
  const std::string pointer = project.git({"ls-tree", "HEAD", "vendor/lib"});
  project.write("vendor/lib/code.c", "edited by the user\n");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  CHECK(fs::is_empty(workspace.directory / "vendor/lib"));
  GitProject::put(workspace.directory / "new.txt", "n\n");
  SECTION("that the work does not touch") {
    require(workspaces.snapshot(workspace, {"feat: a task\n"}));
    require(workspaces.merge(1, {"merge\n"}));
    CHECK(require(workspaces.deliver()).is_delivered);
    CHECK(project.git({"ls-tree", "HEAD", "vendor/lib"}) == pointer);
  }
  SECTION("whose commit the work moves") {
    const std::string other = library.commit("newer");
    project.git_in(workspace.directory,
                   {"update-index", "--cacheinfo", "160000," + other + ",vendor/lib"});
    project.git_in(workspace.directory, {"commit", "-q", "-m", "move the submodule"});
    require(workspaces.snapshot(workspace, {"feat: a task\n"}));
    require(workspaces.merge(1, {"merge\n"}));
    SECTION("with a commit") {
      CHECK(require(workspaces.deliver()).is_delivered);
      CHECK_THAT(project.git({"ls-tree", "HEAD", "vendor/lib"}), Contains(other));
    }
    SECTION("without one") {
      auto options = project.options();
      options.auto_commit = false;
      GitWorkspaces uncommitted(options);
      const auto delivery = require(uncommitted.deliver());
      CHECK_FALSE(delivery.is_delivered);
      CHECK_THAT(delivery.detail, Contains("submodule \"vendor/lib\""));
    }
  }
  CHECK(project.read("vendor/lib/code.c") == "edited by the user\n");
}

TEST_CASE("work trees can stand in many places") {
  GitProject project;
  auto options = project.options();
  fs::path expected;
  SECTION("beside the project") {
    options.worktree_dir = "../trees";
    expected = project.root.parent_path() / "trees";
  }
  SECTION("at an absolute path with folders that are missing") {
    options.worktree_dir = project.root.parent_path() / "far/away/trees";
    expected = options.worktree_dir;
  }
  SECTION("through a link") {
    fs::create_directories(project.root.parent_path() / "real");
    fs::create_symlink("../real", project.root.parent_path() / "project/link");
    options.worktree_dir = project.root / "link/trees";
    expected = project.root.parent_path() / "real/trees";
  }
  SECTION("on another file system") {
    if (!fs::exists("/dev/shm")) return;
    expected = "/dev/shm/konductor-test-" + project.root.parent_path().filename().native();
    options.worktree_dir = expected;
  }
  SECTION("in the project, ignored") {
    project.write(".git/info/exclude", "/trees/\n");
    options.worktree_dir = "trees";
    expected = project.root / "trees";
  }
  SECTION("in .konductor") {
    options.worktree_dir = ".konductor/elsewhere";
    expected = project.root / ".konductor/elsewhere";
  }
  GitWorkspaces workspaces(options);
  require(workspaces.prepare());
  CHECK_FALSE(fs::exists(expected));
  const auto workspace = require(workspaces.open(1));
  CHECK(fs::equivalent(workspace.directory, expected / "01-plan-001"));
  GitProject::put(workspace.directory / "new.txt", "n\n");
  require(workspaces.snapshot(workspace, {"feat: a task\n"}));
  require(workspaces.merge(1, {"merge\n"}));
  CHECK(require(workspaces.deliver()).is_delivered);
  require(workspaces.close(1));
  require(workspaces.release());
  CHECK_FALSE(fs::exists(expected));
}

TEST_CASE("work trees below the home directory") {
  GitProject project;
  const char* home = std::getenv("HOME");
  const std::string before = home == nullptr ? "" : home;
  ::setenv("HOME", project.root.parent_path().c_str(), 1);
  auto options = project.options();
  options.worktree_dir = "~/trees";
  GitWorkspaces workspaces(options);
  require(workspaces.prepare());
  const auto workspace = require(workspaces.open(1));
  CHECK(workspace.directory == project.root.parent_path() / "trees/01-plan-001");
  require(workspaces.close(1));
  ::setenv("HOME", before.c_str(), 1);
}

TEST_CASE("a place where no work trees can stand is refused before anything starts") {
  GitProject project;
  auto options = project.options();
  std::string why;
  SECTION("in the repository, where the next commit would take them up") {
    options.worktree_dir = "trees";
    why = "info/exclude";
  }
  SECTION("the project itself") {
    options.worktree_dir = ".";
    why = "your own files";
  }
  SECTION("in git's own folder") {
    options.worktree_dir = ".git/trees";
    why = "belongs to git";
  }
  SECTION("below a file") {
    options.worktree_dir = "../file/trees";
    GitProject::put(project.root.parent_path() / "file", "");
    why = "Not a directory";
  }
  SECTION("where nobody may write") {
    options.worktree_dir = "/proc/trees";
    why = "/proc/trees";
  }
  const auto prepared = GitWorkspaces(options).prepare();
  REQUIRE(prepared.has_error());
  CHECK(prepared.error().code == ErrorCode::environment);
  CHECK_THAT(prepared.error().message, Contains("git.worktree_dir") && Contains(why));
  CHECK_FALSE(project.git_succeeds({"rev-parse", "-q", "--verify", "konductor/01/main"}));
}
