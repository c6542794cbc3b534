// SPDX-License-Identifier: MIT
#include "platform/output_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstring>

namespace konductor::platform {

namespace {

// How often sizes are looked at when the system has no more inotify instances or watches.
constexpr std::chrono::milliseconds kWithoutWatch{250};

}  // namespace

OutputWatch::OutputWatch(const boost::asio::any_io_executor& executor) : inotify_(executor) {
  const int descriptor = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (descriptor >= 0) inotify_.assign(descriptor);
}

void OutputWatch::listen() {
  if (is_listening_) return;
  is_listening_ = true;
  inotify_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr<char>(alive_)](const boost::system::error_code& error) {
        if (error || alive.expired()) return;
        is_listening_ = false;
        read_events();
        if (!waits_.empty()) listen();
      });
}

void OutputWatch::read_events() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  while (true) {
    const ssize_t bytes = ::read(inotify_.native_handle(), buffer.data(), buffer.size());
    if (bytes <= 0) return;
    for (ssize_t at = 0; at < bytes;) {
      inotify_event event = {};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        for (const auto& [watch, wait] : waits_)
          wait->notify();
        continue;
      }
      const auto [begin, end] = waits_.equal_range(event.wd);
      for (auto it = begin; it != end; ++it)
        it->second->notify();
    }
  }
}

OutputWatch::Wait::Wait(OutputWatch& watch, const std::vector<std::string>& paths)
    : watch_(watch),
      timer_(watch.inotify_.get_executor(), std::chrono::steady_clock::time_point::max()) {
  for (const std::string& path : paths) {
    int id = -1;
    // One event is enough; a flood of writes then wakes nobody until the next wait.
    if (watch_.inotify_.is_open())
      id = ::inotify_add_watch(watch_.inotify_.native_handle(), path.c_str(),
                               IN_MODIFY | IN_ONESHOT);
    if (id < 0) {
      is_complete_ = false;
      continue;
    }
    watches_.push_back(id);
    watch_.waits_.emplace(id, this);
  }
  if (!watches_.empty()) watch_.listen();
}

OutputWatch::Wait::~Wait() {
  for (const int id : watches_) {
    const auto [begin, end] = watch_.waits_.equal_range(id);
    for (auto it = begin; it != end; ++it) {
      if (it->second != this) continue;
      watch_.waits_.erase(it);
      break;
    }
    if (watch_.waits_.count(id) == 0) ::inotify_rm_watch(watch_.inotify_.native_handle(), id);
  }
}

void OutputWatch::Wait::notify() {
  is_notified_ = true;
  timer_.cancel();
}

boost::asio::awaitable<void> OutputWatch::Wait::written() {
  if (is_notified_) co_return;
  if (!is_complete_) timer_.expires_after(kWithoutWatch);
  const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
  const auto result = co_await timer_.async_wait(token);
  const boost::system::error_code error = std::get<0>(result);
  if (error && !is_notified_) throw boost::system::system_error(error);
}

}  // namespace konductor::platform
