// SPDX-License-Identifier: MIT
#include "agent/json_skim.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "agent/stream_event.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
    ++at;
  return at;
}

bool stands_at(std::string_view text, std::size_t at, char c) {
  return at < text.size() && text[at] == c;
}

// Behind the string that begins at `at`; kNowhere when it does not end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const std::size_t begin = at + 1;
  for (std::size_t mark = text.find('"', begin); mark != kNowhere;
       mark = text.find('"', mark + 1)) {
    std::size_t slash = mark;
    while (slash > begin && text[slash - 1] == '\\')
      --slash;
    if ((mark - slash) % 2 == 0) return mark + 1;
  }
  return kNowhere;
}

std::size_t end_of_container(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (at == kNowhere) return kNowhere;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return kNowhere;
}

std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return kNowhere;
  if (text[at] == '"') return end_of_string(text, at);
  if (text[at] == '{' || text[at] == '[') return end_of_container(text, at);
  const std::size_t end = std::min(text.size(), text.find_first_of(",]} \t\r\n", at));
  return end == at ? kNowhere : end;
}

// Behind the comma that follows the value at `at`; kNowhere when none does.
std::size_t next_value(std::string_view text, std::size_t at) {
  at = end_of_value(text, at);
  if (at == kNowhere) return kNowhere;
  at = skip_space(text, at);
  return stands_at(text, at, ',') ? skip_space(text, at + 1) : kNowhere;
}

// 0 when the whole text is none that fits.
template <class Number>
Number number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : Number{};
}

}  // namespace

std::string_view find_member(std::string_view value, std::string_view name) {
  std::size_t at = skip_space(value, 0);
  if (!stands_at(value, at, '{')) return {};
  at = skip_space(value, at + 1);
  while (stands_at(value, at, '"')) {
    const std::size_t end = end_of_string(value, at);
    if (end == kNowhere) return {};
    const bool is_found = value.substr(at + 1, end - at - 2) == name;
    at = skip_space(value, end);
    if (!stands_at(value, at, ':')) return {};
    at = skip_space(value, at + 1);
    if (is_found) return value.substr(at);
    at = next_value(value, at);
  }
  return {};
}

std::string_view plain_text(std::string_view value) {
  if (!stands_at(value, 0, '"')) return {};
  const std::size_t end = end_of_string(value, 0);
  return end == kNowhere ? std::string_view() : value.substr(1, end - 2);
}

std::string decoded_text(std::string_view value) {
  const std::string_view plain = plain_text(value);
  if (plain.find('\\') == std::string_view::npos && is_valid_utf8(plain)) return std::string(plain);
  const nlohmann::json text = parse_lenient(written_value(value), 1);
  return text.is_string() ? text.get<std::string>() : std::string();
}

std::string_view written_value(std::string_view value) {
  const std::size_t end = end_of_value(value, 0);
  return end == kNowhere ? std::string_view() : value.substr(0, end);
}

std::int64_t written_count(std::string_view value) {
  return sane_count(number_in<std::int64_t>(written_value(value)));
}

double written_amount(std::string_view value) {
  return sane_amount(number_in<double>(written_value(value)));
}

JsonElements::JsonElements(std::string_view array) {
  if (!stands_at(array, 0, '[')) return;
  const std::size_t at = skip_space(array, 1);
  if (!stands_at(array, at, ']')) rest_ = array.substr(at);
}

std::string_view JsonElements::next() {
  const std::string_view element = rest_;
  const std::size_t at = next_value(rest_, 0);
  rest_ = at == kNowhere ? std::string_view() : rest_.substr(at);
  return element;
}

}  // namespace konductor::agent
