// SPDX-License-Identifier: MIT
#include "platform/git_dead_locks.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <optional>

#include "platform/git_files.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_snapshot_workspaces.hpp"
#include "platform/proc_fs.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using git::PhaseNames;

namespace {

// Stands in the git directory while references are removed.
constexpr const char* kNote = "konductor-cleaning";
constexpr const char* kPackedLock = "packed-refs.lock";
constexpr int kPauseMilliseconds = 50;
constexpr int kPatienceMilliseconds = 500;

using FileStamp = struct stat;

std::optional<FileStamp> file_stamp(const fs::path& path) {
  FileStamp status{};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

bool is_older(const timespec& left, const timespec& right) {
  return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec : left.tv_nsec < right.tv_nsec;
}

bool is_untouched(const fs::path& lock, const FileStamp& first) {
  const auto now = file_stamp(lock);
  return now && now->st_ino == first.st_ino && now->st_size == first.st_size &&
         !is_older(first.st_mtim, now->st_mtim);
}

// When a process began, in seconds of the wall clock; rounded down, and the clock may have been
// set.
std::int64_t began_at(const ProcessStat& process) {
  const auto ticks = static_cast<std::int64_t>(boot_ticks() - process.start_time);
  return ::time(nullptr) - ticks / static_cast<std::int64_t>(ticks_per_second()) - 1;
}

// git closes the file at once, and then a hook may take as long as it likes. Those that only serve
// others take no locks.
bool is_git(pid_t pid) {
  const std::vector<std::string> words = read_command_line(pid);
  if (words.empty()) return false;
  const std::string name = fs::path(words.front()).filename();
  return (name == "git" || name.rfind("git-", 0) == 0) &&
         std::none_of(words.begin(), words.end(), [](const std::string& word) {
           return word.find("daemon") != std::string::npos;
         });
}

// Where that cannot be told it may be at work there.
bool may_work_in(pid_t pid, const fs::path& git_directory) {
  std::error_code error;
  const fs::path place = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
  if (error) return true;
  const auto layout = git::find_layout(place);
  if (layout) return layout->common_directory == git_directory;
  return place.native().rfind(git_directory.native(), 0) == 0;
}

// Whether a program that lives may hold it: one that has it open, or a git of this repository that
// lived already when it was made. Others hold it for milliseconds.
bool may_be_held(const FileStamp& lock, const fs::path& git_directory) {
  const std::vector<pid_t> all = read_all_processes();
  return std::any_of(all.begin(), all.end(), [&](pid_t pid) {
    if (pid == ::getpid()) return false;
    if (has_open(pid, lock)) return true;
    const auto process = is_git(pid) ? read_process_stat(pid) : std::nullopt;
    return process && !is_dead(*process) && began_at(*process) <= lock.st_mtim.tv_sec &&
           may_work_in(pid, git_directory);
  });
}

// One made since the clean began that never ended, and that nobody touches or holds. False when
// that may turn out later.
bool remove_dead_packed_lock(const fs::path& lock, const FileStamp& began) {
  const auto first = file_stamp(lock);
  if (!first || is_older(first->st_mtim, began.st_mtim)) return true;
  for (int waited = 0; waited < kPatienceMilliseconds; waited += kPauseMilliseconds) {
    ::poll(nullptr, 0, kPauseMilliseconds);
    if (!is_untouched(lock, *first)) return true;
  }
  if (may_be_held(*first, lock.parent_path())) return false;
  if (is_untouched(lock, *first)) ::unlink(lock.c_str());
  return true;
}

}  // namespace

fs::path reference_directory(const fs::path& root, std::string_view isolation) {
  if (isolation == "none") return snapshot_store(root);
  const auto layout = git::find_layout(root);
  return layout ? layout->common_directory : fs::path();
}

bool may_have_dead_locks(const fs::path& git_directory) {
  std::error_code error;
  if (git_directory.empty()) return false;
  if (fs::exists(git_directory / kNote, error)) return true;
  for (const char* ours : {"refs/konductor", "refs/heads/konductor"}) {
    for (fs::recursive_directory_iterator it(git_directory / ours, error), end; !error && it != end;
         it.increment(error))
      if (it->path().extension() == ".lock") return true;
    error.clear();
  }
  return false;
}

void remove_dead_branch_locks(const fs::path& git_directory, const fs::path& branches) {
  std::error_code error;
  std::vector<fs::path> locks;
  for (fs::recursive_directory_iterator it(branches, error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".lock" && fs::is_regular_file(it->symlink_status(error)))
      locks.push_back(it->path());
  for (const fs::path& lock : locks) {
    const auto first = file_stamp(lock);
    if (first && !may_be_held(*first, git_directory) && is_untouched(lock, *first))
      ::unlink(lock.c_str());
  }
}

Result<void> remove_dead_locks(const fs::path& git_directory, const PhaseOwner& owner) {
  if (git_directory.empty()) return {};
  const PhaseNames names(owner.phase);
  const fs::path kept = git_directory / "refs" / "konductor";
  remove_dead_branch_locks(git_directory, git_directory / names.branches);
  git::remove_locks(kept / names.phase, git::Depth::all);
  for (const std::string& run : owner.runs)
    git::remove_locks(kept / git::safe_name(run), git::Depth::all);
  const auto began = file_stamp(git_directory / kNote);
  if (!began) return {};
  if (!remove_dead_packed_lock(packed_lock(git_directory), *began)) return {};
  return git::remove_path(git_directory / kNote);
}

Result<void> note_cleaning(const fs::path& git_directory) {
  return git::write_text(git_directory / kNote, "");
}

Result<void> end_cleaning(const fs::path& git_directory) {
  return git::remove_path(git_directory / kNote);
}

fs::path packed_lock(const fs::path& git_directory) {
  return git_directory / kPackedLock;
}

}  // namespace konductor::platform
