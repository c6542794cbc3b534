// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "ports/clock.hpp"

namespace konductor::driver {

// How soon attempts are to end. It only rises.
enum class StopLevel {
  none,
  polite,     // SIGTERM, the grace period, then SIGKILL.
  immediate,  // SIGKILL.
};

// Tells all supervised attempts at once that they are to end.
class StopSignal {
 public:
  explicit StopSignal(const boost::asio::any_io_executor& executor);

  // Raises the level; a lower one changes nothing.
  void request(StopLevel level);
  [[nodiscard]] StopLevel level() const { return level_; }
  // Returns when the level is `level` or higher, or throws operation_aborted when cancelled.
  ports::Task<void> reached(StopLevel level);

 private:
  StopLevel level_ = StopLevel::none;
  boost::asio::steady_timer changed_;
};

}  // namespace konductor::driver
