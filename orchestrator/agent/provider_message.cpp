// SPDX-License-Identifier: MIT
#include "agent/provider_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace konductor::agent {
namespace {

struct KnownMessage {
  std::string_view part;  // Lower case.
  std::string_view cause;
};

// The first that occurs decides. An account without money is refused like one without a login:
// waiting helps neither.
constexpr std::array<KnownMessage, 31> kKnownMessages = {{
    {"prompt is too long", "context_too_long"},
    {"context window", "context_too_long"},
    {"context_length_exceeded", "context_too_long"},
    {"maximum context length", "context_too_long"},
    {"not logged in", "auth"},
    {"please run /login", "auth"},
    {"invalid api key", "auth"},
    {"invalid x-api-key", "auth"},
    {"missing environment variable", "auth"},
    {"401 unauthorized", "auth"},
    {"403 forbidden", "auth"},
    {"authentication_error", "auth"},
    {"credit balance", "auth"},
    {"insufficient_quota", "auth"},
    {"exceeded your current quota", "auth"},
    {"usage limit", "quota"},
    {"usage_limit", "quota"},
    {"session limit", "quota"},
    {"weekly limit", "quota"},
    {"rate limit", "quota"},
    {"rate_limit", "quota"},
    {"429 too many requests", "quota"},
    {"overloaded", "overloaded"},
    {"high demand", "overloaded"},
    {"at capacity", "overloaded"},
    {"500 internal server error", "overloaded"},
    {"502 bad gateway", "overloaded"},
    {"503 service unavailable", "overloaded"},
    {"stream disconnected", "network"},
    {"error sending request", "network"},
    {"connection", "network"},
}};

// The number in "last status: 503 Service Unavailable"; 0 when there is none.
std::int64_t told_status(std::string_view lower) {
  constexpr std::string_view kWord = "status";
  for (std::size_t at = lower.find(kWord); at != std::string_view::npos;
       at = lower.find(kWord, at + 1)) {
    std::string_view rest = lower.substr(at + kWord.size());
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(": ")));
    int status = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), status);
    constexpr std::ptrdiff_t kDigits = 3;
    if (error == std::errc() && end - rest.data() == kDigits) return status;
  }
  return 0;
}

}  // namespace

std::string_view cause_of_message(std::string_view message) {
  const std::string lower = to_lower(message);
  if (const std::string_view cause = cause_of_status(told_status(lower)); !cause.empty())
    return cause;
  for (const KnownMessage& known : kKnownMessages)
    if (lower.find(known.part) != std::string::npos) return known.cause;
  return "";
}

std::string_view cause_of_status(std::int64_t status) {
  if (status == 401 || status == 403) return "auth";
  if (status == 429) return "quota";
  if (status >= 500 && status < 600) return "overloaded";
  return "";
}

std::optional<std::int64_t> reset_time(std::string_view message) {
  const std::size_t bar = message.rfind('|');
  if (bar == std::string_view::npos) return std::nullopt;
  const std::string_view digits = trim(message.substr(bar + 1));
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return plausible_time(seconds);
}

std::optional<std::int64_t> plausible_time(std::int64_t seconds) {
  constexpr std::int64_t kEarliest = 1'000'000'000;  // The year 2001.
  constexpr std::int64_t kLatest = 10'000'000'000;   // The year 2286.
  return seconds > kEarliest && seconds < kLatest ? std::optional(seconds) : std::nullopt;
}

}  // namespace konductor::agent
