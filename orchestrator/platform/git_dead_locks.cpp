// SPDX-License-Identifier: MIT
#include "platform/git_dead_locks.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "platform/git_files.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_snapshot_workspaces.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using git::PhaseNames;

namespace {

// Stands in the git directory while references are removed.
constexpr const char* kNote = "konductor-cleaning";
constexpr const char* kPackedLock = "packed-refs.lock";
constexpr int kPauseMilliseconds = 50;
constexpr int kPatienceMilliseconds = 500;  // A living program holds that lock for milliseconds.

struct FileStamp {
  ino_t inode = 0;
  off_t size = 0;
  timespec changed{};
};

std::optional<FileStamp> stamp_of(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return FileStamp{status.st_ino, status.st_size, status.st_mtim};
}

bool is_older(const timespec& left, const timespec& right) {
  return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec : left.tv_nsec < right.tv_nsec;
}

// Made since the clean began that never ended, and nobody touches it.
void remove_dead_packed_lock(const fs::path& lock, const FileStamp& began) {
  const auto first = stamp_of(lock);
  if (!first || is_older(first->changed, began.changed)) return;
  for (int waited = 0; waited < kPatienceMilliseconds; waited += kPauseMilliseconds) {
    ::poll(nullptr, 0, kPauseMilliseconds);
    const auto now = stamp_of(lock);
    const bool is_same = now && now->inode == first->inode && now->size == first->size &&
                         !is_older(first->changed, now->changed);
    if (!is_same) return;
  }
  ::unlink(lock.c_str());
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

Result<void> remove_dead_locks(const fs::path& git_directory, const PhaseOwner& owner) {
  if (git_directory.empty()) return {};
  const PhaseNames names(owner.phase);
  const fs::path kept = git_directory / "refs" / "konductor";
  git::remove_locks(git_directory / names.branches, git::Depth::all);
  git::remove_locks(kept / names.phase, git::Depth::all);
  for (const std::string& run : owner.runs)
    git::remove_locks(kept / git::safe_name(run), git::Depth::all);
  const auto began = stamp_of(git_directory / kNote);
  if (!began) return {};
  remove_dead_packed_lock(packed_lock(git_directory), *began);
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
