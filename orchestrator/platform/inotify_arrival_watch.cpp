// SPDX-License-Identifier: MIT
#include "platform/inotify_arrival_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace konductor::platform {

namespace {

constexpr std::chrono::seconds kLookEvery{1};

}  // namespace

InotifyArrivalWatch::InotifyArrivalWatch(const boost::asio::any_io_executor& executor)
    : inotify_(executor) {}

void InotifyArrivalWatch::begin(const std::filesystem::path& folder) {
  boost::system::error_code ignored;
  inotify_.close(ignored);
  is_watching_ = false;
  const int descriptor = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (descriptor < 0) return;
  inotify_.assign(descriptor);
  // What is written in place counts once it is closed.
  is_watching_ = ::inotify_add_watch(descriptor, folder.c_str(),
                                     IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) >= 0;
}

boost::asio::awaitable<void> InotifyArrivalWatch::arrived() {
  const auto token = boost::asio::use_awaitable;
  if (!is_watching_) {
    boost::asio::steady_timer timer(inotify_.get_executor(), kLookEvery);
    co_await timer.async_wait(token);
    co_return;
  }
  co_await inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read, token);
  std::array<char, 4096> buffer{};
  // Who looks finds all that has come by now.
  while (::read(inotify_.native_handle(), buffer.data(), buffer.size()) > 0) {
  }
}

}  // namespace konductor::platform
