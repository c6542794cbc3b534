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
constexpr std::array<KnownMessage, 74> kKnownMessages = {{
    {"prompt is too long", "context_too_long"},
    {"context window", "context_too_long"},
    {"context_length_exceeded", "context_too_long"},
    {"contextoverflow", "context_too_long"},
    {"context length", "context_too_long"},
    {"maximum number of tokens", "context_too_long"},
    {"request_too_large", "context_too_long"},
    {"usage policy", "refused"},
    {"usage policies", "refused"},
    {"content policy", "refused"},
    {"content_policy", "refused"},
    {"content_filter", "refused"},
    {"content filter", "refused"},
    {"prohibited_content", "refused"},
    {"safety filter", "refused"},
    {"not logged in", "auth"},
    {"please run /login", "auth"},
    {"invalid api key", "auth"},
    {"incorrect api key", "auth"},
    {"api key not valid", "auth"},
    {"no api key", "auth"},
    {"invalid x-api-key", "auth"},
    {"missing environment variable", "auth"},
    {"missing api key", "auth"},
    {"api key is missing", "auth"},
    {"no auth credentials", "auth"},
    {"authentication fail", "auth"},
    {"providerautherror", "auth"},
    {"unauthorized", "auth"},
    {"403 forbidden", "auth"},
    {"invalid authentication", "auth"},
    {"authentication_error", "auth"},
    {"permission_denied", "auth"},
    {"unauthenticated", "auth"},
    {"oauth token has expired", "auth"},
    {"credit balance", "auth"},
    {"gemini-api/docs/rate-limits", "quota"},
    {"exceeded your current quota", "auth"},
    {"exhausted your daily quota", "quota"},
    {"exhausted your capacity", "quota"},
    {"quota will reset", "quota"},
    {"quota increase", "quota"},
    {"usage limit", "quota"},
    {"usage_limit", "quota"},
    {"session limit", "quota"},
    {"weekly limit", "quota"},
    {"rate limit", "quota"},
    {"rate_limit", "quota"},
    {"resource_exhausted", "quota"},
    {"too many requests", "quota"},
    {"overloaded", "overloaded"},
    {"high demand", "overloaded"},
    {"at capacity", "overloaded"},
    {"500 internal server error", "overloaded"},
    {"502 bad gateway", "overloaded"},
    {"503 service unavailable", "overloaded"},
    {"service unavailable", "overloaded"},
    {"stream disconnected", "network"},
    {"stream ended", "network"},
    {"without a finish reason", "network"},
    {"without finish_reason", "network"},
    {"error sending request", "network"},
    {"fetch failed", "network"},
    {"socket hang up", "network"},
    {"network error", "network"},
    {"request timed out", "network"},
    {"terminated", "network"},
    {"econnreset", "network"},
    {"econnrefused", "network"},
    {"enotfound", "network"},
    {"etimedout", "network"},
    {"eai_again", "network"},
    {"epipe", "network"},
    {"connection", "network"},
}};

// The number of three digits that `text` begins with; 0 when it does not.
std::int64_t leading_status(std::string_view text) {
  int status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  constexpr std::ptrdiff_t kDigits = 3;
  return error == std::errc() && end - text.data() == kDigits ? status : 0;
}

// The number in "last status: 503 Service Unavailable", "[API Error: 401 no]", "429: {…}" and
// {"error":{"code":400}}; 0 when there is none.
std::int64_t told_status(std::string_view lower) {
  for (const std::string_view word : {"status", "api error", "error code", "\"code\""}) {
    for (std::size_t at = lower.find(word); at != std::string_view::npos;
         at = lower.find(word, at + 1)) {
      std::string_view rest = lower.substr(at + word.size());
      rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(": \"")));
      if (const std::int64_t status = leading_status(rest); status != 0) return status;
    }
  }
  return lower.find(':') == 3 ? leading_status(lower) : 0;
}

}  // namespace

std::string_view cause_of_message(std::string_view message) {
  const std::string lower = to_lower(message);
  // Told as a 429, but no time helps.
  if (lower.find("insufficient_quota") != std::string::npos) return "auth";
  if (const std::string_view cause = cause_of_status(told_status(lower)); !cause.empty())
    return cause;
  for (const KnownMessage& known : kKnownMessages)
    if (lower.find(known.part) != std::string::npos) return known.cause;
  return "";
}

std::string_view cause_of_status(std::int64_t status) {
  if (status == 401 || status == 402 || status == 403) return "auth";
  if (status == 413) return "context_too_long";
  if (status == 429) return "quota";
  if (status >= 500 && status < 600) return "overloaded";
  return "";
}

std::string_view cause_of_answer(std::int64_t status, std::string_view message) {
  const std::string_view cause = cause_of_message(message);
  const bool is_money = cause == "auth" && status == 429;  // Waiting does not help it.
  const std::string_view told = cause_of_status(status);
  return told.empty() || is_money ? cause : told;
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
