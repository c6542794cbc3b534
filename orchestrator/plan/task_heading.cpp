// SPDX-License-Identifier: MIT
#include "plan/task_heading.hpp"

#include <charconv>

#include "base/text.hpp"
#include "plan/numbers.hpp"

namespace konductor::plan {
namespace {

constexpr std::string_view kWord = "task";

// What follows the separator that `text` begins with, if it begins with one.
std::optional<std::string_view> after_separator(std::string_view text) {
  for (const std::string_view separator : {":", "-", "–", "—"})
    if (text.substr(0, separator.size()) == separator) return text.substr(separator.size());
  return std::nullopt;
}

}  // namespace

std::string_view heading_text(std::string_view line) {
  std::string_view text = trim(line);
  const std::size_t marks = text.find_first_not_of('#');
  if (marks == std::string_view::npos) return {};
  text = trim(text.substr(marks));
  const std::size_t last = text.find_last_not_of('#');
  if (last == std::string_view::npos) return {};
  const bool is_closed = last + 1 < text.size() && (text[last] == ' ' || text[last] == '\t');
  return is_closed ? trim(text.substr(0, last)) : text;
}

bool begins_with_task(std::string_view words) {
  return to_lower(words.substr(0, kWord.size())) == kWord;
}

std::optional<TaskHeading> parse_task_heading(std::string_view words) {
  if (!begins_with_task(words)) return std::nullopt;
  words.remove_prefix(kWord.size());
  const std::size_t digits = words.find_first_not_of(" \t");
  if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
  words.remove_prefix(digits);
  TaskHeading heading;
  const auto [end, error] =
      std::from_chars(words.data(), words.data() + words.size(), heading.number);
  if (error != std::errc() || words.front() == '-' || heading.number > kNumberMax)
    return std::nullopt;
  words = trim(words.substr(static_cast<std::size_t>(end - words.data())));
  if (words.empty()) return heading;
  const auto title = after_separator(words);
  if (!title) return std::nullopt;
  heading.title = trim(*title);
  return heading;
}

}  // namespace konductor::plan
