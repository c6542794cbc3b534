// SPDX-License-Identifier: MIT
#include "platform/inotify_queue.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace konductor::platform {

namespace {

// IN_CLOSE_WRITE tells of what was written through a mapping, IN_MODIFY of a file that was cut
// short without being opened.
constexpr std::uint32_t kWatched = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE |
                                   IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

InotifyQueue::InotifyQueue() : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

int InotifyQueue::add(const std::filesystem::path& directory) const {
  return ::inotify_add_watch(descriptor_.get(), directory.c_str(),
                             kWatched | IN_ONLYDIR | IN_DONT_FOLLOW);
}

bool InotifyQueue::read(const std::function<void(const Event&)>& take) const {
  bool is_complete = true;
  alignas(inotify_event) std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t size = ::read(descriptor_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return is_complete;
    std::string_view rest(buffer.data(), static_cast<std::size_t>(size));
    while (rest.size() >= sizeof(inotify_event)) {
      inotify_event event{};
      std::memcpy(&event, rest.data(), sizeof(event));
      const char* name = rest.data() + sizeof(event);
      rest.remove_prefix(sizeof(event) + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0U)
        is_complete = false;
      else
        take({event.wd, event.mask, event.len == 0 ? std::string_view() : std::string_view(name)});
    }
  }
}

}  // namespace konductor::platform
