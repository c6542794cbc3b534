// SPDX-License-Identifier: MIT
#include "platform/shutdown_signals.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <csignal>

namespace konductor::platform {

ShutdownSignals::ShutdownSignals(const boost::asio::any_io_executor& executor)
    : signals_(executor, SIGINT, SIGTERM, SIGCONT) {
  struct sigaction current = {};
  const bool is_ignored = ::sigaction(SIGHUP, nullptr, &current) == 0 &&
                          (current.sa_flags & SA_SIGINFO) == 0 && current.sa_handler == SIG_IGN;
  if (!is_ignored) signals_.add(SIGHUP);
}

boost::asio::awaitable<int> ShutdownSignals::next() {
  const int signal = co_await signals_.async_wait(boost::asio::use_awaitable);
  if (signal == SIGCONT) co_return signal;
  if (count_ == 0) first_signal_ = signal;
  ++count_;
  co_return signal;
}

}  // namespace konductor::platform
