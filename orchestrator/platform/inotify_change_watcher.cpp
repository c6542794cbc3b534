// SPDX-License-Identifier: MIT
#include "platform/inotify_change_watcher.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>

namespace konductor::platform {
namespace fs = std::filesystem;
namespace {

constexpr std::uint32_t kWatched = IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM |
                                   IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

class InotifyChangeWatch final : public ports::ChangeWatch {
 public:
  explicit InotifyChangeWatch(const std::vector<fs::path>& folders)
      : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    is_known_ = descriptor_ >= 0;
    for (const fs::path& folder : folders) {
      if (!is_known_) return;
      const int watch = ::inotify_add_watch(descriptor_, folder.c_str(), kWatched | IN_ONLYDIR);
      if (watch < 0)
        is_known_ = false;
      else
        folders_[watch] = folder;
    }
  }
  ~InotifyChangeWatch() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  InotifyChangeWatch(const InotifyChangeWatch&) = delete;
  InotifyChangeWatch& operator=(const InotifyChangeWatch&) = delete;

  std::optional<std::vector<fs::path>> take_changes() override {
    if (!is_known_) return std::nullopt;
    std::set<fs::path> changed;
    bool is_complete = true;
    alignas(inotify_event) std::array<char, 16384> buffer{};
    while (true) {
      const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) break;
      is_complete =
          collect(std::string_view(buffer.data(), static_cast<std::size_t>(size)), changed) &&
          is_complete;
    }
    if (!is_complete) return std::nullopt;
    return std::vector<fs::path>(changed.begin(), changed.end());
  }

 private:
  // Returns false when the kernel dropped events.
  bool collect(std::string_view buffer, std::set<fs::path>& changed) const {
    bool is_complete = true;
    while (buffer.size() >= sizeof(inotify_event)) {
      inotify_event event{};
      std::memcpy(&event, buffer.data(), sizeof(event));
      const char* name = buffer.data() + sizeof(event);
      buffer.remove_prefix(sizeof(event) + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0U) is_complete = false;
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end()) continue;
      changed.insert(event.len == 0 ? folder->second : folder->second / name);
    }
    return is_complete;
  }

  int descriptor_;
  bool is_known_ = false;
  std::map<int, fs::path> folders_;
};

}  // namespace

std::unique_ptr<ports::ChangeWatch> InotifyChangeWatcher::watch(
    const std::vector<fs::path>& folders) {
  return std::make_unique<InotifyChangeWatch>(folders);
}

}  // namespace konductor::platform
