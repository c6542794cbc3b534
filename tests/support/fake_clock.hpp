// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "ports/clock.hpp"

namespace konductor::test {

// A clock that stands still until the test moves it. Both of its times start at fixed values, or
// `since_start` behind them: a world that outlives its engines gives each a clock that goes on.
class FakeClock final : public ports::Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit FakeClock(boost::asio::io_context& io, std::chrono::milliseconds since_start = {})
      : io_(io), now_(kSteadyStart + since_start) {}

  std::int64_t wall_milliseconds() const override {
    return kWallStart + since_start().count() + wall_jump_.count();
  }
  TimePoint steady_now() const override { return now_; }

  ports::Task<void> sleep_until(TimePoint deadline) override {
    const auto timer = std::make_shared<boost::asio::steady_timer>(io_, TimePoint::max());
    // One whose time has come still lets the others run first.
    if (deadline <= now_) timer->expires_at(TimePoint::min());
    const auto place = sleepers_.emplace(deadline, timer);
    const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    const auto result = co_await timer->async_wait(token);
    if (deadline > now_) {
      sleepers_.erase(place);
      throw boost::system::system_error(std::get<0>(result));
    }
    // advance() took the due ones out, unless the deadline lay in the past from the start.
    const auto [begin, end] = sleepers_.equal_range(deadline);
    const auto left =
        std::find_if(begin, end, [&](const auto& one) { return one.second == timer; });
    if (left != end) sleepers_.erase(left);
  }

  // Moves time on, waking each sleeper at its own time and letting the loop run until it has
  // nothing to do before the next.
  void advance(std::chrono::milliseconds time) {
    const TimePoint target = now_ + time;
    run_ready();
    while (may_run_() && !sleepers_.empty() && sleepers_.begin()->first <= target) {
      now_ = std::max(now_, sleepers_.begin()->first);
      while (!sleepers_.empty() && sleepers_.begin()->first <= now_) {
        const auto timer = sleepers_.begin()->second;
        sleepers_.erase(sleepers_.begin());
        timer->cancel();
      }
      run_ready();
    }
    now_ = target;
    run_ready();
  }

  // Moves time on to the first sleeper's deadline; false when nobody sleeps. For simulations that
  // run until nothing happens any more.
  bool advance_to_next() {
    run_ready();
    if (sleepers_.empty() || sleepers_.begin()->first == TimePoint::max()) return false;
    const auto rest = std::max(sleepers_.begin()->first - now_, TimePoint::duration::zero());
    advance(std::chrono::ceil<std::chrono::milliseconds>(rest));
    return true;
  }

  // Lets the loop do what can be done at this time.
  void run_ready() {
    io_.restart();
    while (may_run_() && io_.poll_one() > 0) {
    }
  }

  // Nothing runs any more, and time stands still, once `may_run` says no: the engine is dead.
  void run_while(std::function<bool()> may_run) { may_run_ = std::move(may_run); }

  // Somebody sets the machine's clock forward, or back: only what the wall says changes.
  void set_wall(std::chrono::milliseconds by) { wall_jump_ += by; }

  [[nodiscard]] std::chrono::milliseconds since_start() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_ - kSteadyStart);
  }
  [[nodiscard]] std::size_t sleepers() const { return sleepers_.size(); }

 private:
  static constexpr std::int64_t kWallStart = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
  static constexpr TimePoint kSteadyStart{std::chrono::hours(1000)};

  boost::asio::io_context& io_;
  TimePoint now_;
  std::chrono::milliseconds wall_jump_{0};
  std::function<bool()> may_run_ = [] { return true; };
  std::multimap<TimePoint, std::shared_ptr<boost::asio::steady_timer>> sleepers_;
};

}  // namespace konductor::test
