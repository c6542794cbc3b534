// SPDX-License-Identifier: MIT
// What becomes of a tree while it waits in the pool, or of the disk while it is made ready: the
// next plan gets the tree that it should, or a clear error and nothing half done.
#include <catch2/catch.hpp>

#include "platform/git_cleanup.hpp"
#include "platform/git_workspaces.hpp"
#include "support/git_project.hpp"
#include "support/small_disk.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using konductor::platform::GitWorkspaces;

namespace {

using Words = std::vector<std::string>;

const ports::CommitText kText{"feat: a task\n"};

// A plan has come to its end, and its tree waits for the next one.
struct Pooled {
  Pooled() : workspaces(project.options()) {
    require(workspaces.prepare());
    first = require(workspaces.open(1));
    GitProject::put(first.directory / "one.txt", "1\n");
    GitProject::put(first.directory / "src/main.c", "int main(void) { return 1; }\n");
    first.head = require(workspaces.snapshot(first, kText));
    require(workspaces.close(1));
    REQUIRE(fs::exists(tree / "one.txt"));
    REQUIRE(fs::exists(admin / "konductor-index"));
  }

  // Exactly the files of the first commit, to the engine and to git.
  void check_fresh(const ports::Workspace& next) {
    CHECK(next.is_fresh);
    CHECK(next.head == project.head());
    CHECK(require(workspaces.dirt(next, next.head)).empty());
    CHECK(project.git_in(next.directory, {"status", "--porcelain", "--ignored"}).empty());
    CHECK(GitProject::text_of(next.directory / "src/main.c") == "int main(void) { return 0; }\n");
    CHECK_FALSE(fs::exists(next.directory / "one.txt"));
    CHECK(project.tip("konductor/01/plan-001/work") == first.head);
  }

  void check_end() {
    require(workspaces.close(2));
    require(workspaces.release());
    CHECK_FALSE(fs::exists(project.root / ".konductor/worktrees"));
    CHECK_FALSE(fs::exists(project.git_directory() / "worktrees"));
    CHECK(project.complaints().empty());
    for (const auto& entry : fs::recursive_directory_iterator(project.git_directory()))
      CHECK(entry.path().extension() != ".lock");
  }

  GitProject project;
  GitWorkspaces workspaces;
  ports::Workspace first;
  fs::path tree = project.root / ".konductor/worktrees/.trash-01-pool-1";
  fs::path admin = project.git_directory() / "worktrees/01-pool-1";
};

// Where the pointer to a tree's files in an index would be, and behind it.
void damage(const fs::path& index, std::size_t from) {
  std::string text = GitProject::text_of(index);
  for (std::size_t at = from; at < text.size(); ++at)
    text[at] = static_cast<char>(text[at] ^ 0x5A);
  GitProject::put(index, text);
}

}  // namespace

TEST_CASE("a pooled tree whose index is damaged becomes a good one") {
  Pooled pooled;
  const std::string name = GENERATE("konductor-index", "index");
  const int how = GENERATE(0, 1, 2, 3, 4, 5);
  CAPTURE(name, how);
  const fs::path index = pooled.admin / name;
  if (how == 0) GitProject::put(index, "");
  if (how == 1) GitProject::put(index, "nothing of an index\n");
  if (how == 2) damage(index, 12);
  if (how == 3) fs::resize_file(index, fs::file_size(index) / 2);
  if (how == 4) fs::remove(index);
  if (how == 5) {
    fs::remove(index);
    fs::create_directory(index);
  }
  GitProject::put(index.native() + ".lock", "");
  pooled.check_fresh(require(pooled.workspaces.open(2)));
  pooled.check_end();
}

TEST_CASE("a pooled tree whose files were removed or changed becomes a good one") {
  Pooled pooled;
  SECTION("one file") {
    fs::remove(pooled.tree / "README.md");
  }
  SECTION("all of them") {
    fs::remove_all(pooled.tree / "src");
    fs::remove(pooled.tree / "README.md");
    fs::remove(pooled.tree / ".gitignore");
    fs::remove(pooled.tree / "one.txt");
  }
  SECTION("its link to the repository") {
    fs::remove(pooled.tree / ".git");
  }
  SECTION("its whole folder") {
    fs::remove_all(pooled.tree);
  }
  SECTION("its folder in the repository") {
    fs::remove_all(pooled.admin);
  }
  SECTION("its folder became a file") {
    fs::remove_all(pooled.tree);
    GitProject::put(pooled.tree, "a file\n");
  }
  SECTION("a file became a folder, and a folder a link") {
    fs::remove(pooled.tree / "README.md");
    GitProject::put(pooled.tree / "README.md/inside.txt", "x\n");
    fs::remove_all(pooled.tree / "src");
    fs::create_directory_symlink(pooled.project.root / "src", pooled.tree / "src");
  }
  SECTION("content, with size and time as they were") {
    const fs::path file = pooled.tree / "README.md";
    const auto time = fs::last_write_time(file);
    GitProject::put(file, "HELLO\n");
    fs::last_write_time(file, time);
  }
  pooled.check_fresh(require(pooled.workspaces.open(2)));
  CHECK(pooled.project.read("src/main.c") == "int main(void) { return 0; }\n");
  pooled.check_end();
}

TEST_CASE("a disk that is full while a pooled tree is made ready") {
  Pooled pooled;
  // More than what the removal of a pooled tree would free.
  const std::string large(std::size_t{3} << 20U, 'x');
  pooled.project.write("large.txt", large);
  pooled.project.commit("large");
  require(pooled.workspaces.prepare());
  const std::string place = GENERATE(".konductor/worktrees", ".git");
  CAPTURE(place);
  const SmallDisk disk(pooled.project.root / place, "size=5m");
  if (!disk.is_mounted()) {
    WARN("skipped: a file system cannot be mounted here");
    return;
  }
  disk.fill("filler");
  const auto refused = pooled.workspaces.open(2);
  REQUIRE(refused.has_error());
  INFO(refused.error().message);
  CHECK(refused.error().code == ErrorCode::environment);
  disk.make_room("filler");
  pooled.check_fresh(require(pooled.workspaces.open(2)));
}

TEST_CASE("a clean opens no tree of a phase that an engine is at work on") {
  Pooled pooled;
  require(pooled.workspaces.open(2));
  require(pooled.workspaces.open(3));
  require(pooled.workspaces.close(2));
  // As while the engine writes there.
  const fs::path admins = pooled.project.git_directory() / "worktrees";
  const Words locks = {admins / "01-pool-2/konductor-index.lock",
                       admins / "01-plan-003/konductor-index.lock"};
  for (const std::string& lock : locks)
    GitProject::put(lock, "");
  const auto cleanup = require(platform::GitCleanup::open(pooled.project.root, ""));
  const bool is_held = GENERATE(true, false);
  std::size_t trees = 0;
  for (const engine::Leftover& leftover : require(cleanup.find({{"01", {"run-1"}, is_held}}))) {
    const bool is_tree = leftover.kind == engine::LeftoverKind::worktree ||
                         leftover.kind == engine::LeftoverKind::pooled_tree;
    trees += is_tree ? 1 : 0;
    if (is_tree) CHECK(leftover.has_changes == is_held);
  }
  CHECK(trees == 2);
  for (const std::string& lock : locks)
    CHECK(fs::exists(lock) == is_held);
}
