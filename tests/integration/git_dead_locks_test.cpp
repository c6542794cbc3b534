// SPDX-License-Identifier: MIT
// The lock of packed references after a clean that was killed: one that is dead goes, one that a
// living program holds stays.
#include <poll.h>
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "platform/git_dead_locks.hpp"
#include "support/git_project.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;

namespace {

bool wait_for(const fs::path& path) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!fs::exists(path) && std::chrono::steady_clock::now() < end)
    ::poll(nullptr, 0, 5);
  return fs::exists(path);
}

// A repository in which a clean did not come to its end.
struct KilledClean {
  KilledClean() {
    project.git({"branch", "other"});
    project.git({"pack-refs", "--all"});
    require(platform::note_cleaning(project.git_directory()));
    REQUIRE(platform::may_have_dead_locks(project.git_directory()));
    REQUIRE(::mkfifo((project.root / "door").c_str(), 0600) == 0);
  }

  void remove_locks() const {
    require(platform::remove_dead_locks(project.git_directory(), {"01", {}}));
  }
  void open_door() const { write_file(project.root / "door", "open\n"); }

  // A program in the project's folder, which says when the lock is there and goes on through the
  // door.
  RunningProgram start(const std::vector<std::string>& words) const {
    RunOptions options;
    options.directory = project.root;
    return RunningProgram(words, options);
  }

  GitProject project;
  fs::path lock = platform::packed_lock(project.git_directory());
  fs::path told = project.root / "told";
};

}  // namespace

TEST_CASE("a lock that a killed clean has left on packed references is removed") {
  // While git is at work in another repository.
  const KilledClean it;
  const GitProject elsewhere;
  REQUIRE(::mkfifo((elsewhere.root / "door").c_str(), 0600) == 0);
  RunOptions options;
  options.directory = elsewhere.root;
  RunningProgram git({"git", "-c", "alias.wait=!read line < door", "wait"}, options);
  GitProject::put(it.lock, "# pack-refs with:");
  it.remove_locks();
  CHECK_FALSE(fs::exists(it.lock));
  write_file(elsewhere.root / "door", "open\n");
  CHECK(git.wait(std::chrono::seconds(60)).exit_code == 0);
  CHECK_FALSE(platform::may_have_dead_locks(it.project.git_directory()));
  it.project.git({"branch", "-D", "other"});
}

TEST_CASE("a lock on packed references that is older than the killed clean stays") {
  const KilledClean it;
  GitProject::put(it.lock, "");
  fs::last_write_time(it.lock, fs::last_write_time(it.lock) - std::chrono::hours(1));
  it.remove_locks();
  CHECK(fs::exists(it.lock));
  CHECK_FALSE(platform::may_have_dead_locks(it.project.git_directory()));
}

TEST_CASE("a lock on packed references that is made anew meanwhile stays") {
  const KilledClean it;
  const int how = GENERATE(0, 1);
  CAPTURE(how);
  GitProject::put(it.lock, "");
  std::atomic<bool> is_over = false;
  bool was_removed = false;
  // Programs that take the lock one after another, or one that writes on.
  std::thread others([&] {
    while (!is_over && !was_removed) {
      const fs::path next = it.lock.native() + ".next";
      if (how == 0) GitProject::put(next, "");
      was_removed = !fs::exists(it.lock);
      if (how == 0) fs::rename(next, it.lock);
      if (how == 1 && !was_removed) std::ofstream(it.lock, std::ios::app) << "more\n";
      ::poll(nullptr, 0, 1);
    }
  });
  it.remove_locks();
  is_over = true;
  others.join();
  CHECK_FALSE(was_removed);
  CHECK(fs::exists(it.lock));
}

TEST_CASE("a lock on packed references that git holds for long stays") {
  const KilledClean it;
  const fs::path hook = it.project.git_directory() / "hooks/reference-transaction";
  GitProject::put(hook,
                  "#!/bin/sh\ntest \"$1\" = prepared || exit 0\n"
                  "test -e .git/packed-refs.lock && test ! -e told || exit 0\n"
                  "echo yes > told\nread line < door\n");
  fs::permissions(hook, fs::perms::owner_exec, fs::perm_options::add);
  RunningProgram git = it.start({"git", "update-ref", "-d", "refs/heads/other"});
  REQUIRE(wait_for(it.told));
  it.remove_locks();
  CHECK(fs::exists(it.lock));
  it.open_door();
  const RunResult ended = git.wait(std::chrono::seconds(60));
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK_FALSE(it.project.git_succeeds({"rev-parse", "--verify", "other"}));
  // What it could not judge is judged by the next.
  CHECK(platform::may_have_dead_locks(it.project.git_directory()));
  it.remove_locks();
  CHECK_FALSE(platform::may_have_dead_locks(it.project.git_directory()));
}

TEST_CASE("a lock on packed references that a program has open stays") {
  const KilledClean it;
  RunningProgram other =
      it.start({"sh", "-c", "exec 3>.git/packed-refs.lock && echo yes > told && read line < door"});
  REQUIRE(wait_for(it.told));
  it.remove_locks();
  CHECK(fs::exists(it.lock));
  it.open_door();
  CHECK(other.wait(std::chrono::seconds(60)).exit_code == 0);
  it.remove_locks();
  CHECK_FALSE(fs::exists(it.lock));
}

TEST_CASE("a lock on a phase's branch that an attempt holds stays, and a dead one goes") {
  const KilledClean it;
  it.project.git({"branch", "konductor/01/plan-001"});
  const fs::path branches = it.project.git_directory() / "refs/heads/konductor/01";
  const fs::path dead = branches / "plan-002.lock";
  GitProject::put(dead, "");
  it.remove_locks();
  CHECK_FALSE(fs::exists(dead));
  const fs::path hook = it.project.git_directory() / "hooks/reference-transaction";
  GitProject::put(hook,
                  "#!/bin/sh\ntest \"$1\" = prepared || exit 0\n"
                  "test -e .git/refs/heads/konductor/01/plan-001.lock || exit 0\n"
                  "echo yes > told\nread line < door\n");
  fs::permissions(hook, fs::perms::owner_exec, fs::perm_options::add);
  const std::string tree = it.project.git({"write-tree"});
  const std::string next =
      it.project.git({"commit-tree", "-m", "work", "-p", "HEAD", tree.substr(0, tree.find('\n'))});
  RunningProgram git = it.start(
      {"git", "update-ref", "refs/heads/konductor/01/plan-001", next.substr(0, next.find('\n'))});
  REQUIRE(wait_for(it.told));
  it.remove_locks();
  CHECK(fs::exists(branches / "plan-001.lock"));
  it.open_door();
  const RunResult ended = git.wait(std::chrono::seconds(60));
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK_FALSE(fs::exists(branches / "plan-001.lock"));
}
