// SPDX-License-Identifier: MIT
#include "agent/suggested_answers.hpp"

#include "base/text.hpp"

namespace konductor::agent {
namespace {

constexpr std::size_t kAnswersMax = 9;
constexpr std::size_t kAnswerBytesMax = 200;

// What stands behind "- ", "* ", "1. " or "a) "; empty for any other line.
std::string_view entry_of(std::string_view line) {
  line = trim(line);
  if (line.size() < 3) return {};
  if ((line[0] == '-' || line[0] == '*') && line[1] == ' ') return trim(line.substr(2));
  std::size_t mark = 0;
  while (mark < line.size() && mark < 2 && line[mark] >= '0' && line[mark] <= '9')
    ++mark;
  const bool is_letter = mark == 0 && line[0] >= 'a' && line[0] <= 'i';
  if (is_letter) mark = 1;
  if (mark == 0 || mark + 1 >= line.size()) return {};
  const bool is_marked = line[mark] == ')' || (line[mark] == '.' && !is_letter);
  return is_marked && line[mark + 1] == ' ' ? trim(line.substr(mark + 2)) : std::string_view();
}

}  // namespace

std::vector<std::string> suggested_answers(std::string_view question) {
  std::vector<std::string> last;
  std::vector<std::string> list;
  for (const std::string_view line : split_lines(question)) {
    const std::string_view entry = entry_of(line);
    if (entry.empty()) {
      if (trim(line).empty()) continue;
      if (!list.empty()) last = std::move(list);
      list.clear();
      continue;
    }
    list.emplace_back(entry);
  }
  if (!list.empty()) last = std::move(list);
  if (last.size() < 2 || last.size() > kAnswersMax) return {};
  for (const std::string& answer : last)
    if (answer.size() > kAnswerBytesMax) return {};
  return last;
}

}  // namespace konductor::agent
