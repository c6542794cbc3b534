// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace konductor::agent {

// What a provider's error message says of its cause: auth (login or account refused), quota,
// overloaded, context_too_long, refused (for its contents), network; "" when it says nothing known.
std::string_view cause_of_message(std::string_view message);

// The same for the status of an HTTP answer; "" when it says nothing of these.
std::string_view cause_of_status(std::int64_t status);

// Both: the message where the status says nothing.
std::string_view cause_of_answer(std::int64_t status, std::string_view message);

// When the limit is lifted, in seconds since 1970, as in "Claude AI usage limit
// reached|1767225600".
std::optional<std::int64_t> reset_time(std::string_view message);
// The same for a bare number of seconds; nothing when it cannot be meant so.
std::optional<std::int64_t> plausible_time(std::int64_t seconds);

}  // namespace konductor::agent
