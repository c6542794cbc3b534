// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/event.hpp"

// The words in which a run is told, the same on a terminal, in plain lines and in CI.
namespace konductor::cli {

// "03:12", "1:03:12".
std::string elapsed_text(std::int64_t milliseconds);

// "850", "3.2k", "12M": what was read and written, without what came from a provider's cache.
std::string tokens_text(const engine::Usage& usage);

// "$0.42"; "" for nothing.
std::string cost_text(const engine::Usage& usage);

// About how long something will take, for people: "less than a minute", "about 8 min",
// "about 2 h 5 min".
std::string about_text(double seconds);

// What an attempt is there for, by its reason: "works", "reviews".
std::string purpose_text(std::string_view reason);

}  // namespace konductor::cli
