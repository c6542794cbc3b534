// SPDX-License-Identifier: MIT
#include "driver/supervise.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <csignal>
#include <exception>
#include <utility>
#include <variant>

namespace konductor::driver {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

namespace {

// After output the sizes are looked at again no later than a fast disk could fill what is left of
// the limit, and no sooner than a chatty agent would keep the engine busy.
constexpr std::uint64_t kBytesPerMillisecondMax = 2'000'000;
constexpr milliseconds kLookAgainMin{1};
constexpr milliseconds kLookAgainMax{100};

constexpr TimePoint kNever = TimePoint::max();

TimePoint after(TimePoint start, milliseconds limit) {
  // A limit of centuries would overflow the clock.
  if (limit.count() == 0 || limit >= std::chrono::hours(24 * 365 * 100)) return kNever;
  return start + limit;
}

milliseconds look_again_after(const AttemptLimits& limits, std::uint64_t bytes) {
  if (limits.output_bytes_max == 0) return kLookAgainMax;
  const std::uint64_t rest = limits.output_bytes_max - std::min(bytes, limits.output_bytes_max);
  const std::uint64_t count = std::min<std::uint64_t>(
      rest / kBytesPerMillisecondMax, static_cast<std::uint64_t>(kLookAgainMax.count()));
  return std::max(kLookAgainMin, milliseconds(count));
}

// Returns the cause when a limit is passed.
ports::Task<std::string> pass_limit(ports::Clock& clock, ports::Process& process,
                                    AttemptLimits limits, OutputListener* listener) {
  const TimePoint start = clock.steady_now();
  const TimePoint timeout = after(start, limits.timeout);
  const bool watches_output =
      limits.silence.count() != 0 || limits.output_bytes_max != 0 || listener != nullptr;
  std::uint64_t bytes = 0;
  TimePoint last_output = start;
  bool is_quiet = false;  // Nothing was written since the last look.
  while (true) {
    TimePoint wake = std::min(timeout, after(last_output, limits.silence));
    if (!watches_output) {
      co_await clock.sleep_until(wake);
    } else if (is_quiet) {
      co_await (process.output_grew() || clock.sleep_until(wake));
    } else {
      wake = std::min(wake, clock.steady_now() + look_again_after(limits, bytes));
      co_await clock.sleep_until(wake);
    }
    const TimePoint now = clock.steady_now();
    if (watches_output) {
      const std::uint64_t bytes_now = process.output_bytes();
      is_quiet = bytes_now == bytes;
      if (!is_quiet) last_output = now;
      if (listener != nullptr && !listener->look()) is_quiet = false;
      bytes = bytes_now;
      if (limits.output_bytes_max != 0 && bytes > limits.output_bytes_max) co_return "output_limit";
      std::string verdict = listener != nullptr ? listener->verdict() : std::string();
      if (!verdict.empty()) co_return verdict;
    }
    if (now >= timeout) co_return "timed_out";
    if (now >= after(last_output, limits.silence)) co_return "stalled";
  }
}

// Returns the cause when the attempt has to end, or "done" when it ended.
ports::Task<std::string> wait_for_cause(ports::Clock& clock, ports::Process& process,
                                        AttemptLimits limits, StopSignal& stop,
                                        OutputListener* listener, StopSignal* own_stop) {
  if (own_stop != nullptr) {
    const auto first =
        co_await (process.wait() || pass_limit(clock, process, limits, listener) ||
                  stop.reached(StopLevel::polite) || own_stop->reached(StopLevel::polite));
    if (first.index() == 0) co_return "done";
    if (first.index() == 1) co_return std::get<1>(first);
    co_return "cancelled";
  }
  const auto first = co_await (process.wait() || pass_limit(clock, process, limits, listener) ||
                               stop.reached(StopLevel::polite));
  if (first.index() == 0) co_return "done";
  if (first.index() == 1) co_return std::get<1>(first);
  co_return "cancelled";
}

// Asks the process and then its tree to end, and waits until the process has, the grace is over or
// there is no more time.
ports::Task<void> end_politely(ports::Clock& clock, ports::Process& process, AttemptLimits limits,
                               bool is_interrupted, StopSignal& stop) {
  const TimePoint deadline = clock.steady_now() + limits.grace;
  if (is_interrupted) {
    process.interrupt();
    const TimePoint half = clock.steady_now() + limits.grace / 2;
    const auto first =
        co_await (process.wait() || clock.sleep_until(half) || stop.reached(StopLevel::immediate));
    if (first.index() != 1) co_return;
  }
  process.signal_tree(SIGTERM);
  co_await (process.wait() || clock.sleep_until(deadline) || stop.reached(StopLevel::immediate));
}

ports::Task<std::string> run_to_end(ports::Clock& clock, ports::Process& process,
                                    AttemptLimits limits, StopSignal& stop,
                                    OutputListener* listener, StopSignal* own_stop) {
  std::string cause = co_await wait_for_cause(clock, process, limits, stop, listener, own_stop);
  const bool is_polite = cause != "done" && cause != "output_limit" && limits.grace.count() != 0 &&
                         stop.level() != StopLevel::immediate;
  const bool is_interrupted =
      cause == "cancelled" ? limits.is_interrupted_by_stop : limits.is_interruptible;
  if (is_polite) co_await end_politely(clock, process, limits, is_interrupted, stop);
  co_return cause;
}

}  // namespace

ports::Task<Result<Supervised>> supervise(ports::Clock& clock, ports::Process& process,
                                          AttemptLimits limits, StopSignal& stop,
                                          OutputListener* listener, StopSignal* own_stop) {
  const TimePoint start = clock.steady_now();
  Supervised supervised;
  std::exception_ptr failure;
  try {
    supervised.cause = co_await run_to_end(clock, process, limits, stop, listener, own_stop);
  } catch (...) {
    failure = std::current_exception();
  }
  // What follows must happen, cancelled or not.
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const Result<int> strays = co_await process.kill_tree();
  Result<ports::ProcessExit> exit = ports::ProcessExit{};
  if (strays.has_value()) exit = co_await process.wait();
  co_await asio::this_coro::throw_if_cancelled(throws);

  if (failure && cancellation.cancelled() == asio::cancellation_type::none)
    std::rethrow_exception(failure);
  if (failure) supervised.cause = "cancelled";
  KON_CO_TRY(supervised.strays, strays);
  KON_CO_TRY(supervised.exit, std::move(exit));
  supervised.met = process.ceilings_met();
  supervised.duration = std::chrono::duration_cast<milliseconds>(clock.steady_now() - start);
  co_return supervised;
}

}  // namespace konductor::driver
