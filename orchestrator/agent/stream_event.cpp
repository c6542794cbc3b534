// SPDX-License-Identifier: MIT
#include "agent/stream_event.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json_escapes.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;

constexpr std::size_t kDetailBytesMax = 400;

json parse_outer(std::string_view text, int levels) {
  const json::parser_callback_t is_outer = [levels](int depth, json::parse_event_t, json&) {
    return depth < levels;
  };
  return json::parse(text, is_outer, false);
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

std::int64_t sane_count(std::int64_t count) {
  constexpr auto kMost = static_cast<std::int64_t>(std::numeric_limits<std::int32_t>::max()) * 1000;
  return std::clamp<std::int64_t>(count, 0, kMost);
}

double sane_amount(double amount) {
  return std::isfinite(amount) && amount > 0 ? amount : 0;
}

std::int64_t count_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (found->is_number_unsigned())
    return sane_count(static_cast<std::int64_t>(std::min(found->get<std::uint64_t>(), kLargest)));
  return sane_count(found->get<std::int64_t>());
}

double amount_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? sane_amount(found->get<double>()) : 0;
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
