// SPDX-License-Identifier: MIT
#include "platform/inotify_change_watcher.hpp"

#include <map>
#include <set>

#include "platform/inotify_queue.hpp"

namespace konductor::platform {
namespace fs = std::filesystem;
namespace {

class InotifyChangeWatch final : public ports::ChangeWatch {
 public:
  explicit InotifyChangeWatch(const std::vector<fs::path>& folders) : is_known_(queue_.is_open()) {
    for (const fs::path& folder : folders) {
      if (!is_known_) return;
      const int watch = queue_.add(folder);
      is_known_ = watch >= 0;
      folders_[watch] = folder;
    }
  }

  std::optional<std::vector<fs::path>> take_changes() override {
    if (!is_known_) return std::nullopt;
    std::set<fs::path> changed;
    const bool is_complete = queue_.read([&](const InotifyQueue::Event& event) {
      const auto folder = folders_.find(event.watch);
      if (folder == folders_.end()) return;
      changed.insert(event.name.empty() ? folder->second : folder->second / event.name);
    });
    if (!is_complete) return std::nullopt;
    return std::vector<fs::path>(changed.begin(), changed.end());
  }

 private:
  InotifyQueue queue_;
  bool is_known_ = false;
  std::map<int, fs::path> folders_;
};

}  // namespace

std::unique_ptr<ports::ChangeWatch> InotifyChangeWatcher::watch(
    const std::vector<fs::path>& folders) {
  return std::make_unique<InotifyChangeWatch>(folders);
}

}  // namespace konductor::platform
