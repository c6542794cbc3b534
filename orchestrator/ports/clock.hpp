// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>

namespace konductor::ports {

template <class T>
using Task = boost::asio::awaitable<T>;

// Time as the engine sees it, so that tests can move it by hand.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970, UTC; may jump.
  virtual std::int64_t wall_milliseconds() const = 0;
  // Never goes back.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
  // Returns at `deadline`, or throws operation_aborted when cancelled.
  virtual Task<void> sleep_until(std::chrono::steady_clock::time_point deadline) = 0;
};

}  // namespace konductor::ports
