// SPDX-License-Identifier: MIT
#include "platform/directory_watch.hpp"

#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <set>

namespace konductor::platform {

namespace fs = std::filesystem;

namespace {

// Of the kernel's room for a user's watches, which editors and the like need too.
constexpr long kShare = 4;

long limit(const char* name, long otherwise) {
  std::ifstream file(fs::path("/proc/sys/fs/inotify") / name);
  long value = 0;
  return file >> value ? value : otherwise;
}

// What all watches of this process may take.
class Budget {
 public:
  bool take_queue() { return queues_.fetch_add(1) < queues_max_ || (give_queue(), false); }
  void give_queue() { queues_.fetch_sub(1); }
  bool take_watch() { return watches_.fetch_add(1) < watches_max_ || (give_watches(1), false); }
  void give_watches(int count) { watches_.fetch_sub(count); }

 private:
  const long queues_max_ = limit("max_user_instances", 128) / kShare;
  const long watches_max_ = limit("max_user_watches", 8192) / kShare;
  std::atomic<long> queues_ = 0;
  std::atomic<long> watches_ = 0;
};

Budget& budget() {
  static Budget shared;
  return shared;
}

// Where every change comes through this kernel.
bool is_local(const fs::path& path) {
  constexpr std::array<long, 6> kLocal = {EXT4_SUPER_MAGIC,  XFS_SUPER_MAGIC,
                                          BTRFS_SUPER_MAGIC, TMPFS_MAGIC,
                                          F2FS_SUPER_MAGIC,  OVERLAYFS_SUPER_MAGIC};
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return false;
  return std::find(kLocal.begin(), kLocal.end(), static_cast<long>(info.f_type)) != kLocal.end();
}

}  // namespace

std::unique_ptr<DirectoryWatch> DirectoryWatch::start(const fs::path& top, const Skips& skips) {
  if (!is_local(top)) return nullptr;
  auto made = std::make_unique<DirectoryWatch>(top);
  struct stat status {};
  if (!made->has_room_ || !made->queue_.is_open() || ::lstat(top.c_str(), &status) != 0)
    return nullptr;
  made->device_ = status.st_dev;
  made->inode_ = status.st_ino;
  if (!made->watch_below("", skips)) return nullptr;
  return made;
}

DirectoryWatch::DirectoryWatch(fs::path top)
    : top_(std::move(top)), has_room_(budget().take_queue()) {}

DirectoryWatch::~DirectoryWatch() {
  budget().give_watches(watches_);
  if (has_room_) budget().give_queue();
}

bool DirectoryWatch::watch_one(const std::string& path) {
  if (!budget().take_watch()) return false;
  const int watch = queue_.add(top_ / path);
  // One that is gone by now is told of by the watch above it.
  const bool is_gone = watch < 0 && (errno == ENOENT || errno == ENOTDIR);
  const bool is_new = watch >= 0 && directories_.insert_or_assign(watch, path).second;
  if (!is_new) budget().give_watches(1);
  watches_ += is_new ? 1 : 0;
  return watch >= 0 || is_gone;
}

// Each is watched before it is read, so that nothing can come between.
bool DirectoryWatch::watch_below(const std::string& path, const Skips& skips) {
  if (!watch_one(path)) return false;
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator it(top_ / path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code unknown;
    if (it->is_symlink(unknown) || !it->is_directory(unknown)) continue;
    const std::string name = it->path().filename();
    found.push_back(path.empty() ? name : path + "/" + name);
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    return false;
  return std::all_of(found.begin(), found.end(), [&](const std::string& directory) {
    return skips(directory) || watch_below(directory, skips);
  });
}

bool DirectoryWatch::is_same_directory() const {
  struct stat status {};
  return ::lstat(top_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
}

std::optional<std::vector<std::string>> DirectoryWatch::take_changes(const Skips& skips) {
  std::set<std::string> changed;
  std::vector<std::string> made;
  bool is_known = true;
  const auto take = [&](const InotifyQueue::Event& event) {
    const auto directory = directories_.find(event.watch);
    if (directory == directories_.end()) return;
    if ((event.mask & IN_IGNORED) != 0U) {
      directories_.erase(directory);
      budget().give_watches(1);
      --watches_;
      return;
    }
    if (event.name.empty()) {
      // Its own removal or its mode: where it matters, the directory above tells.
      if (directory->second.empty() && (event.mask & (IN_DELETE_SELF | IN_UNMOUNT)) != 0U)
        is_known = false;
      return;
    }
    std::string path(event.name);
    if (!directory->second.empty()) path = directory->second + "/" + path;
    const bool is_directory = (event.mask & IN_ISDIR) != 0U;
    // The watches below it still have their old names.
    if (is_directory && (event.mask & (IN_MOVED_FROM | IN_MOVED_TO)) != 0U) is_known = false;
    if (is_directory && (event.mask & IN_CREATE) != 0U) made.push_back(path);
    changed.insert(std::move(path));
  };
  if (!queue_.read(take) || !is_known || !is_same_directory()) return std::nullopt;
  for (const std::string& path : made)
    if (!skips(path) && !watch_below(path, skips)) return std::nullopt;
  return std::vector<std::string>(changed.begin(), changed.end());
}

}  // namespace konductor::platform
