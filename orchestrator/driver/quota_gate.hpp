// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "driver/stop_signal.hpp"
#include "ports/clock.hpp"

namespace konductor::driver {

// Holds back the attempts of a runtime whose provider has reached a limit, all of them together.
// When the time is over one of them finds out whether the limit is, before the others follow. Used
// on the loop's thread only.
class QuotaGate {
 public:
  // `wait_max`: the longest time from the first refusal to the next try; zero is as long as it
  // takes.
  QuotaGate(ports::Clock& clock, StopSignal& stop, std::chrono::milliseconds wait_max);

  // An attempt met a limit. Returns when the runtime is tried again, in milliseconds since 1970; at
  // `retry_at` when that can be, else after a time that doubles with each refusal, from five
  // seconds to five minutes. Nothing when that was known before: attempts that ran side by side
  // meet one limit together.
  std::optional<std::int64_t> hold(const std::string& runtime,
                                   std::optional<std::int64_t> retry_at);
  // An attempt did its work: there is no limit.
  void reopen(const std::string& runtime);
  // Returns when an attempt of the runtime may start, or the run is being stopped. Error
  // `limit_reached` when that takes longer than `wait_max`.
  ports::Task<Result<void>> pass(std::string runtime);

 private:
  struct Hold {
    std::int64_t since = 0;  // First refusal.
    std::int64_t until = 0;
    std::int64_t tried = 0;  // When the last attempt was let pass.
    int refusals = 0;
  };

  ports::Clock& clock_;
  StopSignal& stop_;
  std::chrono::milliseconds wait_max_;
  std::map<std::string, Hold> holds_;
};

}  // namespace konductor::driver
