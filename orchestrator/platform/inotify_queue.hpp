// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "platform/unique_fd.hpp"

namespace konductor::platform {

// What the kernel tells of watched directories. It queues an event before the call that caused it
// returns, so whoever reads the queue after a process has ended knows all that it did.
class InotifyQueue {
 public:
  InotifyQueue();

  bool is_open() const { return descriptor_.is_open(); }

  // Watches what happens directly in a directory (a link to one is none) and returns the watch's
  // number, the same for the same directory; -1 when it is gone or the kernel has no room.
  int add(const std::filesystem::path& directory) const;

  // `name` is empty for an event of the watched directory itself.
  struct Event {
    int watch = 0;
    std::uint32_t mask = 0;
    std::string_view name;
  };
  // Hands over all that is queued. False when the kernel had to drop some of it.
  bool read(const std::function<void(const Event&)>& take) const;

 private:
  UniqueFd descriptor_;
};

}  // namespace konductor::platform
