// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::agent {

// When and where a message is read: what "in 5 minutes" and "at 3 PM" are counted from.
struct Moment {
  std::int64_t now = 0;         // Seconds since 1970; 0 is unknown: then only whole dates are read.
  std::int64_t utc_offset = 0;  // Seconds that the local time is ahead of UTC.
  std::vector<std::string> zones;  // What the local zone is called: "Europe/Berlin", "CET".
};

// When a limit is lifted as people are told it, in seconds since 1970: "resets 3pm", "try again at
// Oct 7th, 2026 3:15 PM", "try again in 1h2m3s", "retry after 20s", "resets at
// 2026-10-07T15:00:00Z". A time of day is the next one, in the local zone unless UTC is named; that
// of another zone is not believed, nor is what is over or more than 40 days away.
std::optional<std::int64_t> told_reset_time(std::string_view message, const Moment& moment);

}  // namespace konductor::agent
