// SPDX-License-Identifier: MIT
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <vector>

#include "platform/shutdown_signals.hpp"
#include "platform/system_clock.hpp"

using namespace std::chrono_literals;
using konductor::platform::ShutdownSignals;
using konductor::platform::SystemClock;

namespace {

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

boost::asio::awaitable<void> collect(ShutdownSignals& signals, std::vector<int>& seen,
                                     std::size_t count) {
  while (seen.size() < count)
    seen.push_back(co_await signals.next());
}

}  // namespace

TEST_CASE("the system clock sleeps until the deadline, and not at all after it") {
  boost::asio::io_context io{1};
  SystemClock clock(io.get_executor());
  const auto start = clock.steady_now();
  boost::asio::co_spawn(io, clock.sleep_until(start + 20ms), rethrow);
  io.run();
  CHECK(clock.steady_now() - start >= 20ms);
  io.restart();
  boost::asio::co_spawn(io, clock.sleep_until(start), rethrow);
  io.run();
  CHECK(clock.wall_milliseconds() > 1'700'000'000'000);
}

TEST_CASE("a cancelled sleep throws operation_aborted") {
  boost::asio::io_context io{1};
  SystemClock clock(io.get_executor());
  boost::asio::cancellation_signal cancel;
  bool is_aborted = false;
  boost::asio::co_spawn(
      io, clock.sleep_until(clock.steady_now() + 1h),
      boost::asio::bind_cancellation_slot(cancel.slot(), [&is_aborted](std::exception_ptr error) {
        try {
          rethrow(error);
        } catch (const boost::system::system_error& aborted) {
          is_aborted = aborted.code() == boost::asio::error::operation_aborted;
        }
      }));
  io.poll();
  cancel.emit(boost::asio::cancellation_type::terminal);
  io.run();
  CHECK(is_aborted);
}

TEST_CASE("shutdown signals are counted and the first one is remembered") {
  boost::asio::io_context io{1};
  ShutdownSignals signals(io.get_executor());
  ::raise(SIGTERM);  // Before anybody waits: not lost.
  std::vector<int> seen;
  boost::asio::co_spawn(io, collect(signals, seen, 1), rethrow);
  io.run();
  io.restart();
  ::raise(SIGHUP);
  boost::asio::co_spawn(io, collect(signals, seen, 2), rethrow);
  io.run();
  CHECK(seen == std::vector<int>{SIGTERM, SIGHUP});
  CHECK(signals.count() == 2);
  CHECK(signals.first_signal() == SIGTERM);
}

TEST_CASE("a hangup that nohup ignores stays ignored") {
  boost::asio::io_context io{1};
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    ShutdownSignals signals(io.get_executor());
    ::raise(SIGHUP);
    ::raise(SIGINT);
    std::vector<int> seen;
    boost::asio::co_spawn(io, collect(signals, seen, 1), rethrow);
    io.run();
    CHECK(seen == std::vector<int>{SIGINT});
  }
  std::signal(SIGHUP, before);
}
