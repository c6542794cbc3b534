// SPDX-License-Identifier: MIT
#pragma once

#include "engine/event.hpp"

namespace konductor::engine {

// What attempts took together, and how much of that nobody told. What is not known is in no sum.
struct CostSum {
  int attempts = 0;
  double seconds = 0;  // Of the attempts; those side by side count each.
  Usage usage;
  int unpriced = 0;  // Attempts that used tokens and told no price of them.
  int untold = 0;    // Attempts that told nothing of what they used.
  friend bool operator==(const CostSum&, const CostSum&) = default;

  void add(const event::attempt_finished& finished) {
    ++attempts;
    seconds += finished.seconds;
    engine::add(usage, finished.usage);
    const Usage& used = finished.usage;
    const bool has_tokens =
        used.input_tokens != 0 || used.output_tokens != 0 || used.cache_read_tokens != 0;
    if (used.cost_usd > 0) return;
    if (has_tokens)
      ++unpriced;
    else if (finished.cause != "not_started")
      ++untold;
  }

  void add(const CostSum& more) {
    attempts += more.attempts;
    seconds += more.seconds;
    engine::add(usage, more.usage);
    unpriced += more.unpriced;
    untold += more.untold;
  }

  [[nodiscard]] bool is_cost_known() const { return unpriced == 0 && untold == 0; }
};

}  // namespace konductor::engine
