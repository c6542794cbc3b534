// SPDX-License-Identifier: MIT
#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/text.hpp"

namespace konductor::config {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first, so that formatting finds the largest that divides.
constexpr std::array<Unit, 5> kDurationUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 5> kSizeUnits = {{{"TiB", std::uint64_t{1} << 40U},
                                             {"GiB", std::uint64_t{1} << 30U},
                                             {"MiB", std::uint64_t{1} << 20U},
                                             {"KiB", std::uint64_t{1} << 10U},
                                             {"B", 1}}};
constexpr std::uint64_t kLongestDuration = std::uint64_t{366} * 86'400'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes digits from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || !is_digit(text.front()) || error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return value;
}

template <std::size_t Count>
std::optional<std::uint64_t> scaled(std::uint64_t value, std::string_view name,
                                    const std::array<Unit, Count>& units) {
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (value > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return value * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto value = take_number(text);
    if (!value) return std::nullopt;
    const auto unit_end = std::find_if(text.begin(), text.end(), is_digit);
    const auto length = static_cast<std::size_t>(unit_end - text.begin());
    const auto part = scaled(*value, text.substr(0, length), kDurationUnits);
    if (!part || *part > kLongestDuration) return std::nullopt;
    total += *part;
    if (total > kLongestDuration) return std::nullopt;
    text.remove_prefix(length);
  }
  return milliseconds(static_cast<milliseconds::rep>(total));
}

std::string format_duration(milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(std::max<milliseconds::rep>(0, duration.count()));
  if (count == 0) return "0s";
  for (const Unit& unit : kDurationUnits)
    if (count % unit.factor == 0) return std::to_string(count / unit.factor).append(unit.name);
  return "0s";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  text = trim(text);
  const auto value = take_number(text);
  if (!value) return std::nullopt;
  text = trim(text);
  return scaled(*value, text.empty() ? "B" : text, kSizeUnits);
}

std::string format_size(std::uint64_t bytes) {
  if (bytes == 0) return "0";
  for (const Unit& unit : kSizeUnits)
    if (unit.factor > 1 && bytes % unit.factor == 0)
      return std::to_string(bytes / unit.factor).append(unit.name);
  return std::to_string(bytes);
}

}  // namespace konductor::config
