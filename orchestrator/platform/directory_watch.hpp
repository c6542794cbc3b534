// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/inotify_queue.hpp"

namespace konductor::platform {

// Tells which paths below a directory may have changed, so that nobody has to look at all of them.
// What it cannot see: changes through a hard link or a mount that lies elsewhere.
class DirectoryWatch {
 public:
  // Whether nobody cares for what happens in a directory, given its path below the watched one.
  using Skips = std::function<bool(const std::string& path)>;

  // Nothing when it cannot be done: the kernel has no room for as many watches, this process would
  // take a larger share of it than its neighbours can spare, or the files are on a file system that
  // others can write to unseen.
  static std::unique_ptr<DirectoryWatch> start(const std::filesystem::path& top,
                                               const Skips& skips);
  // Sees nothing: start() makes one that does.
  explicit DirectoryWatch(std::filesystem::path top);
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;
  ~DirectoryWatch();

  // Paths below the directory that were made, written, moved or removed since the last call, each
  // once. A directory among them is new: anything below it may have changed. What is done from now
  // on is told next time. Nothing when it is not known what changed; then the watch is worth
  // nothing any more.
  std::optional<std::vector<std::string>> take_changes(const Skips& skips);

  // The directory was given another name by the caller.
  void follow(const std::filesystem::path& top) { top_ = top; }

 private:
  bool watch_below(const std::string& path, const Skips& skips);
  bool watch_one(const std::string& path);
  bool is_same_directory() const;

  std::filesystem::path top_;
  bool has_room_;
  InotifyQueue queue_;
  std::unordered_map<int, std::string> directories_;
  int watches_ = 0;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace konductor::platform
