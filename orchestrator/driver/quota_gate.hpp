// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "driver/shared_limits.hpp"
#include "driver/stop_signal.hpp"
#include "ports/clock.hpp"

namespace konductor::driver {

// Holds back the attempts of an account whose provider has reached a limit, all of them together,
// those of this user's other engines too. When the time is over one of them finds out whether the
// limit is; if so, the others follow, more of them every second. Used on the loop's thread only.
class QuotaGate {
 public:
  // `wait_max`: the longest time from the first refusal to the next try; zero is as long as it
  // takes.
  QuotaGate(ports::Clock& clock, StopSignal& stop, SharedLimits shared,
            std::chrono::milliseconds wait_max);

  // An attempt met a limit. Returns when the account is tried again, in milliseconds since 1970; at
  // `retry_at` when that can be, else after a time that doubles with each refusal, from five
  // seconds to five minutes. Nothing when that was known before: attempts that ran side by side
  // meet one limit together.
  std::optional<std::int64_t> hold(const std::string& account,
                                   std::optional<std::int64_t> retry_at);
  // Why other engines could not be told of the limit that was met last, once; "" when they were.
  std::string take_untold() { return std::exchange(untold_, std::string()); }
  // An attempt did its work: there is no limit.
  void reopen(const std::string& account);
  // Returns the first of the accounts with which an attempt may start, as soon as there is one; the
  // first of all when the run, or by `own_stop` the attempt, is being stopped. Error
  // `limit_reached` when that takes longer than `wait_max`. `accounts` is not empty.
  ports::Task<Result<std::size_t>> pass(std::vector<std::string> accounts,
                                        const StopSignal* own_stop = nullptr);
  // The account that `pass` would answer with now; the first when it would wait.
  std::size_t likely(const std::vector<std::string>& accounts) const;

 private:
  // In the gate's own time.
  struct Hold {
    std::int64_t since = 0;  // First refusal.
    std::int64_t until = 0;
    std::int64_t tried = 0;  // When the last attempt was let pass.
    int refusals = 0;
    std::int64_t reopened = 0;  // Since when it works again; 0: it does not yet.
    std::int64_t admitted = 0;  // Attempts since then.
    std::int64_t told = 0;      // Until when, by the wall clock, others were told to wait.
  };

  // Milliseconds that follow the wall clock when it is set forward, as after a sleep of the
  // machine, but go on when it is set back: nobody waits for a time to come a second time.
  std::int64_t now() const;
  // What the gate's time is ahead of the wall clock's.
  std::int64_t ahead() const { return now() - clock_.wall_milliseconds(); }

  static std::int64_t admissions(const Hold& hold, std::int64_t now);
  static bool is_open(const Hold& hold, std::int64_t now);
  void learn(const std::string& account);
  bool try_pass(const std::string& account);
  bool waits_too_long(const std::string& account) const;
  std::chrono::milliseconds look_again_in(const std::vector<std::string>& accounts) const;

  ports::Clock& clock_;
  StopSignal& stop_;
  SharedLimits shared_;
  std::chrono::milliseconds wait_max_;
  std::map<std::string, Hold> holds_;  // By account.
  std::string untold_;
  mutable std::int64_t time_ = 0;                          // What now() returned last,
  mutable std::chrono::steady_clock::time_point time_at_;  // and when.
};

}  // namespace konductor::driver
