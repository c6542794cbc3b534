// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>

namespace konductor::platform {

// Catches SIGINT, SIGTERM and SIGHUP from construction on, so that the loop can end politely. A
// SIGHUP that was ignored when the program started (nohup) stays ignored. SIGCONT is told of too:
// it says that the program was stopped for a while.
class ShutdownSignals {
 public:
  explicit ShutdownSignals(const boost::asio::any_io_executor& executor);

  // Returns the number of the next signal; one that came before the call is not lost. Throws
  // operation_aborted when cancelled.
  boost::asio::awaitable<int> next();

  // How many but SIGCONT `next()` has returned: the first asks for a polite stop, the second for
  // one at once.
  [[nodiscard]] int count() const { return count_; }
  // The first signal's number, which decides the exit code; 0 when none came.
  [[nodiscard]] int first_signal() const { return first_signal_; }

 private:
  boost::asio::signal_set signals_;
  int count_ = 0;
  int first_signal_ = 0;
};

}  // namespace konductor::platform
