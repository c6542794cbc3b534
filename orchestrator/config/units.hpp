// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace konductor::config {

// Reads "500ms", "90s", "30m", "2h", "1d" or a sum such as "1h30m". Nothing for any other text and
// for more than a year, which no timer needs and every clock can still add to.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "10s", "1h": the largest unit that divides it. Zero is "0s".
std::string format_duration(std::chrono::milliseconds duration);

// Reads bytes: "512", "1MiB", "64 KiB"; units B, KiB, MiB, GiB, TiB. Nothing for any other text.
std::optional<std::uint64_t> parse_size(std::string_view text);

// "1MiB": the largest unit that divides it; bare digits below that.
std::string format_size(std::uint64_t bytes);

}  // namespace konductor::config
