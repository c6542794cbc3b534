// SPDX-License-Identifier: MIT
#include "platform/system_clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace konductor::platform {

std::int64_t SystemClock::wall_milliseconds() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const {
  return std::chrono::steady_clock::now();
}

ports::Task<void> SystemClock::sleep_until(std::chrono::steady_clock::time_point deadline) {
  boost::asio::steady_timer timer(executor_, deadline);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace konductor::platform
