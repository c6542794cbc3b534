// SPDX-License-Identifier: MIT
#include "driver/stop_signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace konductor::driver {

StopSignal::StopSignal(const boost::asio::any_io_executor& executor)
    : changed_(executor, std::chrono::steady_clock::time_point::max()) {}

void StopSignal::request(StopLevel level) {
  if (level <= level_) return;
  level_ = level;
  changed_.cancel();
}

ports::Task<void> StopSignal::reached(StopLevel level) {
  const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
  StopLevel seen = level_;
  while (level_ < level) {
    const auto result = co_await changed_.async_wait(token);
    // Woken by a request for less, or by a cancellation.
    if (level_ == seen) throw boost::system::system_error(std::get<0>(result));
    seen = level_;
  }
}

}  // namespace konductor::driver
