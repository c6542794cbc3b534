// SPDX-License-Identifier: MIT
#include "records/markdown_lines.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::records {
namespace {

std::size_t indent_of(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) {
    if (c == ' ')
      ++columns;
    else if (c == '\t')
      columns += 4 - columns % 4;
    else
      break;
  }
  return columns;
}

// The width of a bullet or number at the start of `text` with the blanks behind it; 0 for none.
std::size_t marker_width(std::string_view text) {
  std::size_t width = 0;
  while (width < text.size() && width < 9 && text[width] >= '0' && text[width] <= '9')
    ++width;
  if (width > 0) {
    if (width == text.size() || (text[width] != '.' && text[width] != ')')) return 0;
  } else if (text.empty() || (text[0] != '-' && text[0] != '*' && text[0] != '+')) {
    return 0;
  }
  ++width;
  if (width == text.size()) return width + 1;
  const std::size_t blanks = text.substr(width).find_first_not_of(' ');
  if (blanks == 0) return 0;
  return width + (blanks == std::string_view::npos || blanks > 4 ? 1 : blanks);
}

// The run of three or more fence characters at the start of `text`, "" when there is none.
std::string opening_fence(std::string_view text) {
  if (text.empty() || (text[0] != '`' && text[0] != '~')) return "";
  const std::size_t length = std::min(text.find_first_not_of(text[0]), text.size());
  if (length < 3) return "";
  if (text[0] == '`' && text.find('`', length) != std::string_view::npos) return "";
  return std::string(length, text[0]);
}

bool closes(std::string_view text, const std::string& fence) {
  const std::string_view run = trim(text);
  return run.size() >= fence.size() &&
         run.find_first_not_of(fence.front()) == std::string_view::npos;
}

}  // namespace

bool FenceTracker::is_code(std::string_view line) {
  const std::string_view text = trim(line);
  if (text.empty()) return is_open();
  std::size_t indent = indent_of(line);
  if (item_offset_ > 0 && indent < item_offset_) {
    // The line is not the item's any more, and a fence ends with what it is in.
    item_offset_ = 0;
    fence_.clear();
  }
  if (is_open()) {
    if (indent < item_offset_ + 4 && closes(text, fence_)) fence_.clear();
    return true;
  }
  std::string_view content = text;
  for (std::size_t width = marker_width(content); width > 0 && indent < item_offset_ + 4;
       width = marker_width(content)) {
    indent += width;
    item_offset_ = indent;
    content = trim(content.substr(std::min(width, content.size())));
  }
  if (indent >= item_offset_ + 4) return false;
  fence_ = opening_fence(content);
  return is_open();
}

std::optional<HeadingField> heading_field(std::string_view line) {
  if (indent_of(line) > 3) return std::nullopt;
  std::string_view text = trim(line);
  if (text.substr(0, 2) != "##" || text.size() < 4 || (text[2] != ' ' && text[2] != '\t'))
    return std::nullopt;
  text = trim(text.substr(2));
  // A heading may be closed by "#"s after a blank.
  const std::size_t last = text.find_last_not_of('#');
  if (last != std::string_view::npos && last + 1 < text.size() &&
      (text[last] == ' ' || text[last] == '\t'))
    text = trim(text.substr(0, last));
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  HeadingField field{"", std::string(trim(text.substr(colon + 1)))};
  for (const char c : trim(text.substr(0, colon))) {
    const bool is_blank = c == ' ' || c == '\t';
    if (is_blank && field.name.back() == ' ') continue;
    field.name += is_blank ? ' ' : c;
  }
  field.name = to_lower(field.name);
  return field;
}

bool is_heading(std::string_view line) {
  const std::string_view text = trim(line);
  const std::size_t level = std::min(text.find_first_not_of('#'), text.size());
  return indent_of(line) <= 3 && level >= 1 && level <= 6 &&
         (level == text.size() || text[level] == ' ' || text[level] == '\t');
}

}  // namespace konductor::records
