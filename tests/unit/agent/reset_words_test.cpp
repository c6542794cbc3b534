// SPDX-License-Identifier: MIT
#include "agent/reset_words.hpp"

#include <catch2/catch.hpp>

#include "agent/agent_stream.hpp"

using namespace konductor;
using namespace konductor::agent;

namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kMidnight = 1793836800;  // 2026-11-05T00:00:00Z
constexpr std::int64_t kNow = kMidnight + 12 * kHour;

Moment berlin() {
  return {kNow, kHour, {"Europe/Berlin", "CET"}};  // 13:00 there.
}

std::optional<std::int64_t> told(std::string_view message) {
  return told_reset_time(message, berlin());
}

}  // namespace

TEST_CASE("a reset that is so far away") {
  const auto [message, wait] = GENERATE(table<std::string, std::int64_t>({
      {"Please try again in 1h2m3s.", 3723},
      {"Rate limit reached. Please try again in 5 minutes", 300},
      {"retry after 20s", 20},
      {"Retry-After: 20", 20},
      {"retry-after=20, thanks", 20},
      {R"("retryDelay": "34.07s")", 35},
      {"Please retry in 34.07442s.", 35},
      {"try again in 250ms", 1},
      {"Try again in 3 days 4 hours 5 minutes.", 3 * kDay + 4 * kHour + 300},
      {"try again in 1 hour and 2 minutes", kHour + 120},
      {"Your quota will reset after 18h31m10s.", 18 * kHour + 31 * 60 + 10},
      {"wait 2 minutes", 120},
      {"exceeded retry limit, try again in 7 seconds", 7},
  }));
  CAPTURE(message);
  CHECK(told(message) == kNow + wait);
}

TEST_CASE("a reset at a time of day is the next one") {
  const auto [message, hours] = GENERATE(table<std::string, int>({
      {"5-hour limit reached \xE2\x88\x99 resets 3pm", 14},
      {"try again at 3 PM (Europe/Berlin)", 14},
      {"try again at 3 PM (europe/berlin)", 14},
      {"Try again at 3:00 PM CET.", 14},
      {"resets at 15:00", 14},
      {"resets 3pm (UTC)", 15},
      {"resets 15:00:00 GMT", 15},
      {"You've hit your limit, resets 11am", 34},
      {"resets 12am", 23},
      {"resets 12pm (UTC)", 12},
      {"resets 12:55pm", 12},  // 13:00 here: it has just passed.
      {"resets Nov 6, 3pm", 38},
      {"Try again at Nov 6th, 2026 3:00 PM.", 38},
      {"resets November 6 at 3pm (UTC)", 39},
      {"resets at 2026-11-06T15:00:00Z", 39},
      {"\"reset\":\"2026-11-06T15:00:00.123Z\"", 39},
      {"try again at 2026-11-06 15:00", 38},
      {"resets at 2026-11-06T17:00:00+02:00", 39},
      {"resets at 2026-11-06T13:00:00-02:00", 39},
  }));
  CAPTURE(message);
  const std::int64_t minutes = message == "resets 12:55pm" ? 5 : 0;
  CHECK(told(message) == kMidnight + hours * kHour - minutes * 60);
}

TEST_CASE("a month without a year is the next one") {
  CHECK(told("resets Dec 1, 1pm") == kMidnight + 26 * kDay + 12 * kHour);
  const Moment december = {kNow + 50 * kDay, 0, {}};  // 2026-12-25.
  CHECK(told_reset_time("resets Jan 2, 12pm", december) == kNow + 58 * kDay);
}

TEST_CASE("what cannot be believed is not") {
  const std::string message = GENERATE(
      "", "resets", "try again later", "resets 3pm (America/New_York)", "resets 3pm (Mars)",
      "try again at 3 PM PST", "resets 3pm UTC+5", "resets 3", "resets 15", "resets 25:00",
      "resets 13pm", "resets 0pm", "try again in 5", "retry 3 of 10", "retry limit 5m5",
      "resets Feb 30, 3pm", "resets 2026-02-30T00:00:00Z", "resets at 2020-01-01T00:00:00Z",
      "resets at 2030-01-01T00:00:00Z", "try again in 99999 days", "try again in 9999999999999s",
      "5 minutes", "at 3 PM", "retry after 20%", "resets Monday 3pm", "preset 3:99");
  CAPTURE(message);
  CHECK_FALSE(told(message));
}

TEST_CASE("who does not know what time it is reads whole dates alone") {
  CHECK(told_reset_time("resets at 2026-11-06T15:00:00Z", {}) == kMidnight + 39 * kHour);
  CHECK_FALSE(told_reset_time("try again in 5 minutes", {}));
  CHECK_FALSE(told_reset_time("resets 3pm (UTC)", {}));
}

TEST_CASE("a stream's limit has its end from the words, when nothing better is told") {
  const auto read = [](std::unique_ptr<AgentStream> stream, std::string_view text) {
    stream->feed(text);
    return stream->finish(berlin()).retry_at;
  };
  const std::string claude =
      R"({"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":)";
  CHECK(read(make_claude_stream(), claude + R"("limit reached, resets 3pm"})") ==
        kMidnight + 14 * kHour);
  CHECK(read(make_claude_stream(), claude + R"("resets 3pm|1793900000"})") == 1793900000);
  CHECK(
      read(make_codex_stream(),
           R"({"type":"turn.failed","error":{"message":"usage limit. Try again at 3:00 PM."}})") ==
      kMidnight + 14 * kHour);
  CHECK(read(make_gemini_stream(),
             R"({"type":"result","status":"error","error":{"message":"429: retry in 34s."}})") ==
        kNow + 34);
  // Nothing to wait for.
  CHECK_FALSE(read(make_codex_stream(),
                   R"({"type":"turn.failed","error":{"message":"401: try again in 5 minutes"}})"));
}
