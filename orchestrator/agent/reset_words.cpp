// SPDX-License-Identifier: MIT
#include "agent/reset_words.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "agent/word_reader.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kFarthest = 40 * kDay;
constexpr std::int64_t kJustPassed = 10 * kMinute;  // Such a time is no time of tomorrow.

struct Unit {
  std::string_view name;
  std::int64_t seconds;
};

constexpr std::array<Unit, 18> kUnits = {{
    {"ms", 0},
    {"milliseconds", 0},
    {"s", 1},
    {"sec", 1},
    {"secs", 1},
    {"second", 1},
    {"seconds", 1},
    {"m", kMinute},
    {"min", kMinute},
    {"mins", kMinute},
    {"minute", kMinute},
    {"minutes", kMinute},
    {"h", kHour},
    {"hr", kHour},
    {"hour", kHour},
    {"hours", kHour},
    {"day", kDay},
    {"days", kDay},
}};

std::optional<std::int64_t> take_unit(WordReader& words) {
  words.skip(" ");
  for (const Unit& unit : kUnits)
    if (words.take(unit.name)) return unit.seconds;
  if (words.take("d")) return kDay;
  return std::nullopt;
}

// "1h2m3s", "3 days, 4 hours and 5 minutes", "34.07s".
std::optional<std::int64_t> take_duration(WordReader& words) {
  std::optional<std::int64_t> total;
  for (;;) {
    WordReader ahead = words;
    ahead.skip(" ,");
    if (ahead.take("and")) ahead.skip(" ");
    const std::optional<std::int64_t> number = ahead.take_number(6);
    if (!number) return total;
    const bool has_part = ahead.take(".") && ahead.take_number(12);
    const std::optional<std::int64_t> unit = take_unit(ahead);
    if (!unit) return total;
    // Up, so that nobody comes too early.
    const std::int64_t part = *unit == 0 ? (*number + 999) / 1000 : *number * *unit;
    total = total.value_or(0) + part + (has_part ? std::max<std::int64_t>(*unit, 1) : 0);
    words = ahead;
  }
}

struct DayTime {
  std::int64_t seconds = 0;
  bool is_utc = false;
};

// 0 when no month comes next.
unsigned take_month(WordReader& words) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (words.take(kMonths.at(i)) || words.take(kMonths.at(i).substr(0, 3)))
      return static_cast<unsigned>(i + 1);
  return 0;
}

std::optional<std::int64_t> seconds_of_date(std::int64_t year, std::int64_t month,
                                            std::int64_t day) {
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

// True when a zone follows that is neither UTC nor the local one.
bool is_foreign(WordReader& words, const Moment& moment, bool& is_utc) {
  words.skip(" ");
  const bool has_bracket = words.take("(");
  const std::string_view name = words.take_name();
  if (name.empty()) return has_bracket || words.take("+");
  const std::string lower = to_lower(name);
  is_utc = lower == "utc" || lower == "gmt" || lower == "z" || lower == "etc/utc";
  if (is_utc) return words.take("+") || words.take("-");
  const auto is_it = [&lower](const std::string& zone) { return to_lower(zone) == lower; };
  if (std::any_of(moment.zones.begin(), moment.zones.end(), is_it)) return false;
  // A word that is no zone: the sentence goes on.
  const bool is_short_name =
      name.size() >= 2 && std::all_of(name.begin(), name.end(), [](char c) { return c <= 'Z'; });
  return has_bracket || is_short_name || name.find('/') != std::string_view::npos;
}

// "3pm", "3:15 PM (UTC)", "15:00".
std::optional<DayTime> take_day_time(WordReader& words, const Moment& moment) {
  std::optional<std::int64_t> hour = words.take_number(2);
  if (!hour) return std::nullopt;
  std::int64_t rest = 0;
  const bool has_minutes = words.take(":");
  if (has_minutes) {
    const std::optional<std::int64_t> minutes = words.take_number(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    rest = *minutes * kMinute;
    if (words.take(":")) rest += words.take_number(2).value_or(0);
  }
  words.skip(" ");
  const bool is_am = words.take("am") || words.take("a.m.");
  const bool is_pm = !is_am && (words.take("pm") || words.take("p.m."));
  if (is_am || is_pm) {
    if (*hour < 1 || *hour > 12) return std::nullopt;
    hour = *hour % 12 + (is_pm ? 12 : 0);
  } else if (!has_minutes || *hour > 23) {
    return std::nullopt;
  }
  DayTime time;
  time.seconds = *hour * kHour + rest;
  if (is_foreign(words, moment, time.is_utc)) return std::nullopt;
  return time;
}

std::int64_t in_utc(std::int64_t local, const DayTime& time, const Moment& moment) {
  return local + time.seconds - (time.is_utc ? 0 : moment.utc_offset);
}

// "3pm": the next one.
std::optional<std::int64_t> take_time(WordReader& words, const Moment& moment) {
  const std::optional<DayTime> time = take_day_time(words, moment);
  if (!time || moment.now <= 0) return std::nullopt;
  const std::int64_t here = moment.now + (time->is_utc ? 0 : moment.utc_offset);
  const std::int64_t at = in_utc(here - here % kDay, *time, moment);
  return at + kJustPassed < moment.now ? at + kDay : at;
}

// "Oct 7th, 2026 3:15 PM", "Oct 7, 3pm": without a year the next one.
std::optional<std::int64_t> take_date_time(WordReader& words, const Moment& moment) {
  const unsigned month = take_month(words);
  if (month == 0) return std::nullopt;
  words.skip(" .");
  const std::optional<std::int64_t> day = words.take_number(2);
  if (!day) return std::nullopt;
  for (const char* ending : {"st", "nd", "rd", "th"})
    if (words.take(ending)) break;
  words.skip(" ,");
  WordReader ahead = words;
  std::optional<std::int64_t> year = ahead.take_number(4);
  if (year && *year > 2000) {
    words = ahead;
    words.skip(" ,");
  } else {
    year = std::nullopt;
  }
  if (words.take("at")) words.skip(" ");
  const std::optional<DayTime> time = take_day_time(words, moment);
  if (!time || (!year && moment.now <= 0)) return std::nullopt;
  const std::chrono::sys_days today(std::chrono::days((moment.now + moment.utc_offset) / kDay));
  const std::int64_t this_year = static_cast<int>(std::chrono::year_month_day(today).year());
  for (const std::int64_t candidate : {year.value_or(this_year), year.value_or(this_year + 1)}) {
    const std::optional<std::int64_t> date = seconds_of_date(candidate, month, *day);
    if (date && in_utc(*date, *time, moment) + kJustPassed >= moment.now)
      return in_utc(*date, *time, moment);
  }
  return std::nullopt;
}

// "2026-10-07T15:00:00Z", "2026-10-07 17:00+02:00".
std::optional<std::int64_t> take_iso(WordReader& words, const Moment& moment) {
  const std::optional<std::int64_t> year = words.take_number(4);
  if (!year || *year < 2000 || !words.take("-")) return std::nullopt;
  const std::optional<std::int64_t> month = words.take_number(2);
  if (!month || !words.take("-")) return std::nullopt;
  const std::optional<std::int64_t> day = words.take_number(2);
  if (!day) return std::nullopt;
  const std::optional<std::int64_t> date = seconds_of_date(*year, *month, *day);
  if (!date || words.rest().empty()) return std::nullopt;
  words.skip("t ");
  const std::optional<std::int64_t> hour = words.take_number(2);
  if (!hour || *hour > 23 || !words.take(":")) return std::nullopt;
  const std::optional<std::int64_t> minute = words.take_number(2);
  if (!minute || *minute > 59) return std::nullopt;
  DayTime time;
  time.seconds = *hour * kHour + *minute * kMinute;
  if (words.take(":")) time.seconds += words.take_number(2).value_or(0);
  if (words.take(".") && !words.take_number(12)) return std::nullopt;
  const bool is_ahead = words.take("+");
  if (is_ahead || words.take("-")) {
    const std::optional<std::int64_t> hours = words.take_number(2);
    words.take(":");
    if (!hours) return std::nullopt;
    const std::int64_t offset = *hours * kHour + words.take_number(2).value_or(0) * kMinute;
    return *date + time.seconds + (is_ahead ? -offset : offset);
  }
  if (is_foreign(words, moment, time.is_utc)) return std::nullopt;
  return in_utc(*date, time, moment);
}

bool is_near(std::int64_t time, const Moment& moment) {
  return moment.now <= 0 || (time + kJustPassed >= moment.now && time - moment.now < kFarthest);
}

// What stands behind "try again", "resets" and their like.
std::optional<std::int64_t> take_reset(WordReader words, const Moment& moment) {
  constexpr std::string_view kBetween = " \t\":=_-";
  bool is_header = false;  // "retry-after: 20": seconds.
  words.skip(kBetween);
  for (const char* filler : {"delay", "after", "time", "is", "at", "in", "on"}) {
    const bool is_taken = words.take(filler);
    is_header = is_header || (is_taken && std::string_view(filler) == "after");
    words.skip(kBetween);
  }
  for (const auto& take : {take_iso, take_date_time}) {
    WordReader ahead = words;
    if (const std::optional<std::int64_t> at = take(ahead, moment)) return at;
  }
  if (moment.now <= 0) return std::nullopt;
  WordReader ahead = words;
  if (const std::optional<std::int64_t> wait = take_duration(ahead)) return moment.now + *wait;
  ahead = words;
  if (const std::optional<std::int64_t> at = take_time(ahead, moment)) return at;
  const std::optional<std::int64_t> number = words.take_number(6);
  const bool is_alone =
      words.rest().empty() ||
      !(is_letter(words.rest()[0]) || is_digit(words.rest()[0]) || words.rest()[0] == '%');
  if (is_header && number && is_alone) return moment.now + *number;
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> told_reset_time(std::string_view message, const Moment& moment) {
  constexpr std::array<std::string_view, 7> kBeginnings = {
      "resets", "reset", "try again", "retry", "retrydelay", "available again", "wait"};
  const std::string lower = to_lower(message);
  for (std::size_t at = 0; at < lower.size(); ++at)
    for (const std::string_view beginning : kBeginnings) {
      if (lower.compare(at, beginning.size(), beginning) != 0) continue;
      const std::size_t end = at + beginning.size();
      const WordReader words(message.substr(end), std::string_view(lower).substr(end));
      const std::optional<std::int64_t> time = take_reset(words, moment);
      if (time && is_near(*time, moment)) return time;
    }
  return std::nullopt;
}

}  // namespace konductor::agent
