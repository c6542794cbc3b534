// SPDX-License-Identifier: MIT
#include "platform/child_signal.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/check.hpp"

namespace konductor::platform {

namespace {

std::atomic<int> event_descriptor{-1};

void note_death(int /*signal*/) {
  const int saved = errno;
  const std::uint64_t one = 1;
  const int descriptor = event_descriptor.load(std::memory_order_relaxed);
  if (descriptor >= 0) (void)!::write(descriptor, &one, sizeof one);
  errno = saved;
}

}  // namespace

ChildSignal::ChildSignal(const boost::asio::any_io_executor& executor,
                         std::function<void()> on_death)
    : event_(executor), on_death_(std::move(on_death)) {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  KON_CHECK(descriptor >= 0);
  event_.assign(descriptor);
  KON_CHECK(event_descriptor.exchange(descriptor) == -1);
  struct sigaction action = {};
  action.sa_handler = note_death;
  // Other threads' system calls go on as if nothing had happened.
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  KON_CHECK(::sigaction(SIGCHLD, &action, &before_) == 0);
}

ChildSignal::~ChildSignal() {
  ::sigaction(SIGCHLD, &before_, nullptr);
  event_descriptor.store(-1);
}

void ChildSignal::listen() {
  is_wanted_ = true;
  if (is_waiting_) return;
  is_waiting_ = true;
  event_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr<char>(alive_)](const boost::system::error_code& error) {
        if (alive.expired()) return;
        is_waiting_ = false;
        if (!error) {
          std::uint64_t count = 0;
          (void)!::read(event_.native_handle(), &count, sizeof count);
          on_death_();
        }
        if (is_wanted_) listen();
      });
}

void ChildSignal::pause() {
  is_wanted_ = false;
  event_.cancel();
}

}  // namespace konductor::platform
