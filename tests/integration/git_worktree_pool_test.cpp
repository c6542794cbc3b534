// SPDX-License-Identifier: MIT
// Trees that a plan has left serve the next one, which must not be able to tell.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitWorkspaces;
using Files = std::map<std::string, std::string>;

namespace {

const ports::CommitText kText{"feat: a task\n"};

ino_t inode_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// All files below, with their modes and contents; links with where they lead.
Files files_in(const fs::path& top) {
  Files found;
  for (auto it = fs::recursive_directory_iterator(top); it != fs::recursive_directory_iterator();
       ++it) {
    const std::string path = it->path().lexically_relative(top);
    if (path == ".git") continue;
    const fs::file_status status = it->symlink_status();
    if (fs::is_symlink(status)) found[path] = "-> " + fs::read_symlink(it->path()).native();
    if (fs::is_regular_file(status))
      found[path] = std::to_string(static_cast<unsigned>(status.permissions()) & 0111U) + ":" +
                    GitProject::text_of(it->path());
  }
  return found;
}

std::set<std::string> directories_in(const fs::path& top) {
  std::set<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(top))
    if (fs::is_directory(entry.symlink_status()))
      found.insert(entry.path().lexically_relative(top));
  return found;
}

void make_a_mess(const GitProject& project, const fs::path& top) {
  GitProject::put(top / "README.md", "changed\n");
  GitProject::put(top / "new.txt", "new\n");
  GitProject::put(top / "deep/new/file.txt", "new\n");
  fs::create_directories(top / "empty/directory");
  GitProject::put(top / "vendor/build/out.o", "ignored, beside what is tracked\n");
  GitProject::put(top / "build/out.o", "ignored\n");
  GitProject::put(top / "src/trace.log", "ignored\n");
  GitProject::put(top / ".konductor/runs/x/output.md", "document\n");
  GitProject::put(top / ".konductor/config.toml", "changed\n");
  fs::permissions(top / "src/main.c", fs::perms::owner_exec, fs::perm_options::add);
  project.git_in(top, {"init", "-q", "nested"});
  GitProject::put(top / "nested/inner.txt", "inner\n");
  fs::create_symlink("/etc", top / "link");
}

}  // namespace

TEST_CASE("a plan gets the tree that another has left, as good as new") {
  GitProject project;
  project.write("other.txt", "other\n");
  project.write("vendor/build/kept.c", "tracked though ignored\n");
  project.write(".konductor/config.toml", "tracked in the excluded folder\n");
  project.git({"add", "-f", "vendor/build/kept.c", ".konductor/config.toml"});
  project.commit("more");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto fresh = require(workspaces.open(1));
  const Files clean = files_in(fresh.directory);
  auto used = require(workspaces.open(2));
  make_a_mess(project, used.directory);
  const ino_t place = inode_of(used.directory);
  used.head = require(workspaces.snapshot(used, kText));
  GitProject::put(used.directory / "uncommitted.txt", "left\n");
  require(workspaces.close(2));
  CHECK_FALSE(fs::exists(used.directory));

  const auto next = require(workspaces.open(3));
  CHECK(inode_of(next.directory) == place);
  CHECK(next.is_fresh);
  CHECK(next.head == project.head());
  CHECK(files_in(next.directory) == clean);
  CHECK(require(workspaces.dirt(next, next.head)).empty());
  CHECK(project.git_in(next.directory, {"status", "--porcelain"}).empty());
  CHECK(project.git_in(next.directory, {"branch", "--show-current"}) ==
        "konductor/01/plan-003/work");
  CHECK(project.git({"worktree", "list"}).find("prunable") == std::string::npos);
  CHECK(project.tip("konductor/01/plan-002/work") == used.head);

  require(workspaces.close(1));
  require(workspaces.close(3));
  require(workspaces.release());
  CHECK_FALSE(fs::exists(project.root / ".konductor/worktrees"));
  CHECK_FALSE(fs::exists(project.git_directory() / "worktrees"));
  CHECK(project.complaints().empty());
}

TEST_CASE("a tree that another plan has left takes on what was merged meanwhile") {
  GitProject project;
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  auto first = require(workspaces.open(1));
  GitProject::put(first.directory / "one.txt", "1\n");
  fs::remove(first.directory / "README.md");
  first.head = require(workspaces.snapshot(first, kText));
  REQUIRE(require(workspaces.merge(1, kText)).is_clean);
  require(workspaces.close(1));
  const auto second = require(workspaces.open(2));
  CHECK(second.head == first.head);
  CHECK(GitProject::text_of(second.directory / "one.txt") == "1\n");
  CHECK_FALSE(fs::exists(second.directory / "README.md"));
  CHECK(project.git_in(second.directory, {"status", "--porcelain"}).empty());
}

TEST_CASE("what another plan has untracked is gone from a tree that still had it") {
  GitProject project;
  project.write("logs/kept.log", "tracked though ignored\n");
  project.write("cache/one.txt", "tracked\n");
  project.git({"add", "-f", "logs/kept.log"});
  project.commit("more");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto used = require(workspaces.open(1));
  auto other = require(workspaces.open(2));
  fs::remove(other.directory / "logs/kept.log");
  const bool is_rule_new = GENERATE(false, true);
  if (is_rule_new) {
    fs::remove_all(other.directory / "cache");
    GitProject::put(other.directory / ".gitignore", "*.log\nbuild/\ncache/\n");
  }
  other.head = require(workspaces.snapshot(other, kText));
  REQUIRE(require(workspaces.merge(2, kText)).is_clean);
  require(workspaces.close(2));
  // Looked at or not since it was made.
  if (GENERATE(false, true)) require(workspaces.snapshot(used, kText));
  const ino_t place = inode_of(used.directory);
  require(workspaces.close(1));
  const auto next = require(workspaces.open(3));
  REQUIRE(inode_of(next.directory) == place);
  CHECK_FALSE(fs::exists(next.directory / "logs"));
  CHECK(fs::exists(next.directory / "cache") == !is_rule_new);
  CHECK(project.git_in(next.directory, {"status", "--porcelain", "--ignored"}).empty());
}

TEST_CASE("empty directories that an attempt has left are gone from the next plan's tree") {
  GitProject project;
  project.write("deep/er/file.txt", "tracked\n");
  project.commit("more");
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto used = require(workspaces.open(1));
  const fs::path left =
      GENERATE("empty", "src/empty/below", "deep/er/empty", "build/ignored", ".konductor/empty");
  CAPTURE(left.native());
  fs::create_directories(used.directory / left);
  fs::create_directories(used.directory / "deep/er/file.d");
  if (GENERATE(false, true)) {
    GitProject::put(used.directory / left / "file.txt", "gone again\n");
    require(workspaces.snapshot(used, kText));
    fs::remove(used.directory / left / "file.txt");
  }
  if (GENERATE(false, true)) require(workspaces.reset(used, used.head));
  const ino_t place = inode_of(used.directory);
  require(workspaces.close(1));
  const auto next = require(workspaces.open(2));
  REQUIRE(inode_of(next.directory) == place);
  CHECK(directories_in(next.directory) == std::set<std::string>{"deep", "deep/er", "src"});
  CHECK(require(workspaces.dirt(next, next.head)).empty());
}

TEST_CASE("a tree that cannot be used again is replaced") {
  GitProject project;
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  const auto first = require(workspaces.open(1));
  SECTION("its folder in the repository is gone") {
    fs::remove_all(project.git_directory() / "worktrees/01-plan-001");
    require(workspaces.close(1));
  }
  SECTION("its files are gone") {
    fs::remove_all(first.directory);
    require(workspaces.close(1));
  }
  SECTION("the pool is gone") {
    require(workspaces.close(1));
    fs::remove_all(project.root / ".konductor/worktrees");
  }
  const auto second = require(workspaces.open(2));
  CHECK(files_in(second.directory).size() == 3);
  CHECK(require(workspaces.dirt(second, second.head)).empty());
}

TEST_CASE("what a killed engine's pool held is gone after the next start") {
  GitProject project;
  {
    GitWorkspaces workspaces(project.options());
    require(workspaces.prepare());
    require(workspaces.open(1));
    require(workspaces.open(2));
    require(workspaces.close(1));
  }
  GitWorkspaces workspaces(project.options());
  require(workspaces.prepare());
  CHECK_FALSE(fs::exists(project.root / ".konductor/worktrees/.trash-01-pool-1"));
  CHECK_FALSE(fs::exists(project.git_directory() / "worktrees/01-pool-1"));
  CHECK(fs::exists(require(workspaces.open(2)).directory / "README.md"));
}

TEST_CASE("phases whose names begin alike leave each other's trash alone") {
  GitProject project;
  const fs::path trees = project.root / ".konductor/worktrees";
  const auto [phase, other] = GENERATE(table<std::string, std::string>({
      {"01", "01-x"},
      {"01", "01-plan-001"},
      {"01", "01-1"},
      {"01", "01-pool-1"},
      {"01-x", "01"},
  }));
  CAPTURE(phase, other);
  const auto trash_of = [&](const std::string& name) {
    return std::vector<fs::path>{trees / (".trash-" + name + "-plan-001.0"),
                                 trees / (".trash-" + name + "-pool-1"),
                                 trees / (".trash-" + name + "-plan-001-overlay"),
                                 trees / (".trash-" + name + "-1-base"),
                                 trees / (".trash-" + name + "-overlay-trial"),
                                 trees / (".trash-" + name + "-holistic.12"),
                                 project.git_directory() / ("worktrees/" + name + "-pool-1")};
  };
  for (const std::string& name : {phase, other})
    for (const fs::path& path : trash_of(name))
      GitProject::put(path / "file.txt", "x\n");
  platform::WorkspacesOptions options = project.options();
  options.phase = phase;
  require(GitWorkspaces(options).prepare());
  for (const fs::path& path : trash_of(phase)) {
    CAPTURE(path.native());
    CHECK_FALSE(fs::exists(path));
  }
  for (const fs::path& path : trash_of(other)) {
    CAPTURE(path.native());
    CHECK(fs::exists(path));
  }
}
