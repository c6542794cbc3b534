// SPDX-License-Identifier: MIT
#include "base/text.hpp"
#include "plan/frontmatter.hpp"

namespace konductor::plan {
namespace {

constexpr std::string_view kFence = "+++";

// Follows TOML line by line, only as far as needed to know whether a line begins inside a
// multi-line string.
class StringTracker {
 public:
  [[nodiscard]] bool is_inside() const { return inside_ != In::nothing; }

  void read_line(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size())
      at = is_inside() ? skip_string(line, at) : skip_value(line, at);
  }

 private:
  enum class In { nothing, basic, literal };

  static std::size_t quotes_at(std::string_view line, std::size_t at) {
    const std::size_t end = line.find_first_not_of(line[at], at);
    return (end == std::string_view::npos ? line.size() : end) - at;
  }

  // Inside a multi-line string: passes over one character, or the quotes that end it.
  std::size_t skip_string(std::string_view line, std::size_t at) {
    const char quote = inside_ == In::basic ? '"' : '\'';
    if (line[at] == '\\' && inside_ == In::basic) return at + 2;
    if (line[at] != quote) return at + 1;
    const std::size_t quotes = quotes_at(line, at);
    // Up to two quotes may stand right before the three that close.
    if (quotes >= 3) inside_ = In::nothing;
    return at + (quotes > 5 ? 5 : quotes);
  }

  // Outside: passes over one character, a comment, a string of one line or three opening quotes.
  std::size_t skip_value(std::string_view line, std::size_t at) {
    if (line[at] == '#') return line.size();
    if (line[at] != '"' && line[at] != '\'') return at + 1;
    const char quote = line[at];
    if (quotes_at(line, at) >= 3) {
      inside_ = quote == '"' ? In::basic : In::literal;
      return at + 3;
    }
    for (++at; at < line.size() && line[at] != quote; ++at)
      if (line[at] == '\\' && quote == '"') ++at;
    return at + 1;
  }

  In inside_ = In::nothing;
};

struct Line {
  std::string_view text;
  std::size_t begin = 0;
  std::size_t end = 0;  // Past its line break.
  int number = 0;
};

// The line that begins at `begin`, which is not the end of `text`.
Line line_at(std::string_view text, std::size_t begin, int number) {
  const std::size_t stop = text.find('\n', begin);
  const bool is_last = stop == std::string_view::npos;
  const std::size_t end = is_last ? text.size() : stop + 1;
  return {text.substr(begin, (is_last ? end : stop) - begin), begin, end, number};
}

// The first fence from `begin` on that does not stand inside a multi-line string.
std::optional<Line> find_fence_outside_strings(std::string_view text, std::size_t begin,
                                               int number) {
  StringTracker tracker;
  for (; begin < text.size(); ++number) {
    const Line line = line_at(text, begin, number);
    if (!tracker.is_inside() && trim(line.text) == kFence) return line;
    tracker.read_line(line.text);
    begin = line.end;
  }
  return std::nullopt;
}

std::optional<Line> find_fence(std::string_view text, std::size_t begin, int number) {
  for (std::size_t at = begin; at < text.size(); ++number) {
    const Line line = line_at(text, at, number);
    at = line.end;
    if (trim(line.text) == kFence) return line;
  }
  return std::nullopt;
}

// The closing fence from `begin` on. A string that is never closed would hide it; then the first
// one counts, and the TOML error speaks of the string.
std::optional<Line> find_closing_fence(std::string_view text, std::size_t begin, int number) {
  const auto first = find_fence(text, begin, number);
  if (!first) return std::nullopt;
  const std::string_view before = text.substr(begin, first->begin - begin);
  const bool has_long_string = before.find("\"\"\"") != std::string_view::npos ||
                               before.find("'''") != std::string_view::npos;
  if (!has_long_string) return first;
  const auto outside = find_fence_outside_strings(text, begin, number);
  return outside ? outside : first;
}

}  // namespace

FrontmatterCut cut_frontmatter(std::string_view text) {
  FrontmatterCut cut;
  Line opening = line_at(text, 0, 1);
  while (trim(opening.text).empty() && opening.end < text.size())
    opening = line_at(text, opening.end, opening.number + 1);
  const std::string_view found = trim(opening.text);
  if (found != kFence) {
    cut.body = text;
    if (!found.empty()) {
      const auto blanks = static_cast<std::size_t>(found.data() - opening.text.data());
      cut.opening = {opening.number, static_cast<int>(blanks) + 1};
    }
    return cut;
  }
  cut.opening = {opening.number, static_cast<int>(opening.text.find(kFence)) + 1};
  cut.toml_line = opening.number + 1;
  const auto closing = find_closing_fence(text, opening.end, cut.toml_line);
  if (!closing) {
    cut.fences = FrontmatterCut::Fences::unclosed;
    cut.toml = text.substr(opening.end);
    return cut;
  }
  cut.fences = FrontmatterCut::Fences::closed;
  cut.toml = text.substr(opening.end, closing->begin - opening.end);
  cut.body = text.substr(closing->end);
  cut.body_line = closing->number + 1;
  return cut;
}

}  // namespace konductor::plan
