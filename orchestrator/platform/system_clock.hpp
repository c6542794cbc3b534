// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "ports/clock.hpp"

namespace konductor::platform {

// This machine's clocks; sleeps on the loop that `executor` belongs to.
class SystemClock final : public ports::Clock {
 public:
  explicit SystemClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  std::int64_t wall_milliseconds() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
  ports::Task<void> sleep_until(std::chrono::steady_clock::time_point deadline) override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace konductor::platform
