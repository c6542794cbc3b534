// SPDX-License-Identifier: MIT
// The lists in an agent's document: concerns, findings, file names.
#include <algorithm>
#include <array>

#include "agent/document.hpp"
#include "agent/word_reader.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

struct Bullet {
  std::size_t indent = 0;
  std::string_view text;  // Behind the bullet; nothing when the line has none.
  bool is_bullet = false;
};

// Length of a list marker at the start of `text`: "-", "*", "+", "1." or "1)", then a blank or the
// end; 0 without one.
std::size_t marker_length(std::string_view text) {
  std::size_t length = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '*' || text[0] == '+')) {
    length = 1;
  } else {
    while (length < text.size() && length < 9 && is_digit(text[length]))
      ++length;
    if (length == 0 || length >= text.size() || (text[length] != '.' && text[length] != ')'))
      return 0;
    ++length;
  }
  const bool ends = length == text.size() || text[length] == ' ' || text[length] == '\t';
  return ends ? length : 0;
}

Bullet read_bullet(std::string_view line) {
  Bullet bullet;
  bullet.indent = std::min(line.find_first_not_of(" \t"), line.size());
  const std::string_view rest = line.substr(bullet.indent);
  const std::size_t length = marker_length(rest);
  bullet.is_bullet = length != 0;
  bullet.text = trim(rest.substr(length));
  return bullet;
}

// "---", "* * *": a rule, not an entry.
bool is_rule(std::string_view line) {
  const std::string_view text = trim(line);
  if (text.empty() || (text[0] != '-' && text[0] != '*' && text[0] != '_')) return false;
  std::size_t marks = 0;
  for (const char c : text) {
    if (c == text[0])
      ++marks;
    else if (c != ' ' && c != '\t')
      return false;
  }
  return marks >= 3;
}

// What people write where there is nothing to list.
bool says_none(std::string_view text) {
  constexpr std::array<std::string_view, 7> kWords = {
      "none", "n/a", "nothing", "no concerns", "no findings", "no issues", "no files"};
  while (!text.empty() && std::string_view("*_`([").find(text.front()) != std::string_view::npos)
    text.remove_prefix(1);
  while (!text.empty() && std::string_view("*_`)].").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  if (text.size() > 12) return false;
  const std::string word = to_lower(trim(text));
  return word.empty() || word == "-" || word == "[]" ||
         std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// Puts lines together into entries.
class ItemReader {
 public:
  void heading_value(const std::string& value) {
    if (!value.empty()) add(value, false);
    can_continue_ = false;
  }

  void line(const DocumentLine& line) {
    if (line.kind == LineKind::fence) return;
    if (line.kind == LineKind::code) return code(line.text);
    const Bullet bullet = read_bullet(line.text);
    if (bullet.text.empty() || is_rule(line.text)) return;
    const bool is_heading = !bullet.is_bullet && bullet.text.front() == '#';
    if (is_heading) {
      can_continue_ = false;
      return;
    }
    const bool is_deeper = can_continue_ && bullet.indent > indent_;
    if (is_deeper && (!bullet.is_bullet || bullet.text.front() != '['))
      return append(" ", bullet.is_bullet ? trim(line.text) : bullet.text);
    add(bullet.text, bullet.is_bullet);
    can_continue_ = bullet.is_bullet;
    indent_ = bullet.indent;
  }

  std::vector<Item> finish() {
    items_.erase(std::remove_if(items_.begin(), items_.end(),
                                [](const Item& item) { return says_none(item.text); }),
                 items_.end());
    return std::move(items_);
  }

 private:
  void code(std::string_view text) {
    if (can_continue_) return append("\n", text);
    if (!trim(text).empty()) add(trim(text), false);
  }

  void add(std::string_view text, bool is_bullet) {
    items_.push_back(Item{std::string(text), text.size(), is_bullet});
  }

  void append(std::string_view separator, std::string_view text) {
    items_.back().text += separator;
    items_.back().text += text;
  }

  std::vector<Item> items_;
  std::size_t indent_ = 0;
  bool can_continue_ = false;
};

// The code spans that `text` begins with, separated by commas or "and".
std::vector<std::string> leading_code_spans(std::string_view text) {
  std::vector<std::string> spans;
  while (!text.empty() && text.front() == '`') {
    const auto end = text.find('`', 1);
    if (end == std::string_view::npos) break;
    spans.emplace_back(trim(text.substr(1, end - 1)));
    text = trim(text.substr(end + 1));
    if (text.substr(0, 1) == ",") text = trim(text.substr(1));
    if (text.substr(0, 4) == "and ") text = trim(text.substr(4));
  }
  return spans;
}

std::string plain_path(std::string_view text) {
  for (const std::string_view end : {" — ", " – ", " - ", ": ", " ("})
    text = text.substr(0, text.find(end));
  return std::string(trim(text));
}

}  // namespace

std::vector<Item> Document::items(std::string_view name) const {
  ItemReader reader;
  for (const Section& section : sections_) {
    if (section.name != name) continue;
    reader.heading_value(section.value);
    for (std::size_t i = section.line + 1; i < section.end; ++i)
      reader.line(lines_[i]);
  }
  return reader.finish();
}

std::vector<std::string> Document::paths(std::string_view name) const {
  std::vector<std::string> paths;
  for (const Item& item : items(name)) {
    const std::string_view line = std::string_view(item.text).substr(0, item.first_line_size);
    std::vector<std::string> found = leading_code_spans(line);
    if (found.empty()) found.push_back(plain_path(line));
    for (const std::string& path : found) {
      std::string_view bare = path;
      while (bare.substr(0, 2) == "./")
        bare.remove_prefix(2);
      if (!bare.empty() && !says_none(bare)) paths.emplace_back(bare);
    }
  }
  return paths;
}

std::optional<std::size_t> take_mark(std::string& text,
                                     std::initializer_list<std::string_view> marks) {
  constexpr std::string_view kEmphasis = "*_`";
  const auto open = text.find_first_not_of(kEmphasis);
  if (open == std::string::npos || open > 3 || text[open] != '[') return std::nullopt;
  const auto close = text.find(']', open);
  if (close == std::string::npos || close - open > 32) return std::nullopt;
  const std::string word =
      to_lower(trim(std::string_view(text).substr(open + 1, close - open - 1)));
  const auto found = std::find(marks.begin(), marks.end(), word);
  if (found == marks.end()) return std::nullopt;
  // What closes the emphasis of the mark goes with it.
  auto rest = close + 1;
  if (text.compare(rest, open, text, 0, open) == 0) rest += open;
  text = std::string(trim(std::string_view(text).substr(rest)));
  return static_cast<std::size_t>(found - marks.begin());
}

}  // namespace konductor::agent
