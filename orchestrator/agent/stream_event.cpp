// SPDX-License-Identifier: MIT
#include "agent/stream_event.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;

constexpr std::size_t kDetailBytesMax = 400;
constexpr std::size_t kEscapeSize = 6;  // "\u0041"

json parse_outer(std::string_view text, int levels) {
  const json::parser_callback_t is_outer = [levels](int depth, json::parse_event_t, json&) {
    return depth < levels;
  };
  return json::parse(text, is_outer, false);
}

// The code unit of the escape at `at`, if one stands there.
std::optional<unsigned> code_unit(std::string_view text, std::size_t at) {
  const std::string_view escape = text.substr(std::min(at, text.size()), kEscapeSize);
  if (escape.size() < kEscapeSize || escape.substr(0, 2) != "\\u") return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] =
      std::from_chars(escape.data() + 2, escape.data() + escape.size(), unit, 16);
  if (error != std::errc() || end != escape.data() + escape.size()) return std::nullopt;
  return unit;
}

bool is_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDFFF;
}

std::string without_half_characters(std::string text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    const std::optional<unsigned> unit = code_unit(text, i);
    if (!unit || !is_surrogate(*unit)) {
      ++i;  // Whatever is escaped here is no beginning of an escape.
      continue;
    }
    const std::optional<unsigned> next = code_unit(text, i + kEscapeSize);
    const bool is_pair = *unit < 0xDC00 && next && *next >= 0xDC00 && *next <= 0xDFFF;
    if (!is_pair) text.replace(i + 2, 4, "FFFD");
    i += (is_pair ? 2 : 1) * kEscapeSize - 1;
  }
  return text;
}

}  // namespace

json parse_lenient(std::string_view text, int levels) {
  json value = parse_outer(text, levels);
  if (value.is_discarded())
    value = parse_outer(without_half_characters(to_valid_utf8(text)), levels);
  return value;
}

json parse_stream_event(std::string_view line, int levels) {
  json event = parse_lenient(line, levels);
  return event.is_object() ? event : json::object();
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t count_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  constexpr auto kMost =
      static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()) * 1000;
  if (found->is_number_unsigned())
    return static_cast<std::int64_t>(std::min(found->get<std::uint64_t>(), kMost));
  return std::max<std::int64_t>(0, found->get<std::int64_t>());
}

double amount_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return 0;
  const double amount = found->get<double>();
  return std::isfinite(amount) && amount > 0 ? amount : 0;
}

json object_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : json::object();
}

std::string detail_line(std::string_view text) {
  std::string line(trim(text).substr(0, kDetailBytesMax));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return to_valid_utf8(line);
}

}  // namespace konductor::agent
