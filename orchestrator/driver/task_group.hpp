// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include "ports/clock.hpp"

namespace konductor::driver {

// The owner of coroutines that run beside each other on one loop. Every one has its own
// cancellation signal and is waited for; the first exception is kept. Used on the loop's thread.
//
// A coroutine obeys `terminal` unless it says otherwise; one that wants to end politely first opts
// in to `total` (reset_cancellation_state with enable_total_cancellation).
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)), state_(std::make_shared<State>(executor_)) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts the coroutine; it first runs when the loop gets to it.
  void spawn(ports::Task<void> task) {
    auto signal = std::make_shared<boost::asio::cancellation_signal>();
    state_->signals.push_back(signal);
    boost::asio::co_spawn(executor_, std::move(task),
                          boost::asio::bind_cancellation_slot(
                              signal->slot(), [state = state_, signal](std::exception_ptr error) {
                                if (error && !state->first_exception)
                                  state->first_exception = error;
                                state->signals.remove(signal);
                                if (state->signals.empty()) state->emptied.cancel();
                              }));
  }

  // Asks every coroutine that runs now to end.
  void cancel(boost::asio::cancellation_type type) {
    // One that ends at once changes the list.
    const std::list<std::shared_ptr<boost::asio::cancellation_signal>> signals = state_->signals;
    for (const auto& signal : signals)
      signal->emit(type);
  }

  // Returns when no coroutine is left. Does not throw what they threw: see first_exception().
  ports::Task<void> wait_until_empty() {
    const std::shared_ptr<State> state = state_;
    const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    while (!state->signals.empty()) {
      const auto result = co_await state->emptied.async_wait(token);
      const bool is_cancelled = std::get<0>(result) == boost::asio::error::operation_aborted;
      if (is_cancelled && !state->signals.empty())
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
  }

  // Ends all: asks politely (`total`), waits up to `grace`, then `terminal`, and waits for the
  // rest.
  ports::Task<void> stop(ports::Clock& clock, std::chrono::milliseconds grace) {
    cancel(boost::asio::cancellation_type::total);
    using boost::asio::experimental::awaitable_operators::operator||;
    const auto deadline = clock.steady_now() + grace;
    if (!empty()) co_await (wait_until_empty() || clock.sleep_until(deadline));
    cancel(boost::asio::cancellation_type::terminal);
    co_await wait_until_empty();
  }

  [[nodiscard]] bool empty() const { return state_->signals.empty(); }
  [[nodiscard]] std::size_t size() const { return state_->signals.size(); }
  // What the first coroutine that failed threw, or null. A cancelled one throws operation_aborted.
  [[nodiscard]] std::exception_ptr first_exception() const { return state_->first_exception; }

 private:
  // Shared with the completions, which may come after the group is gone.
  struct State {
    explicit State(const boost::asio::any_io_executor& executor)
        : emptied(executor, std::chrono::steady_clock::time_point::max()) {}
    std::list<std::shared_ptr<boost::asio::cancellation_signal>> signals;
    boost::asio::steady_timer emptied;
    std::exception_ptr first_exception;
  };

  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace konductor::driver
