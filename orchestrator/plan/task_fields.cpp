// SPDX-License-Identifier: MIT
#include "plan/task_fields.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/paths.hpp"

namespace konductor::plan {
namespace {

constexpr int kTabStop = 4;

int column_after(int column, char c) {
  return c == '\t' ? (column / kTabStop + 1) * kTabStop : column + 1;
}

// Moves a line `indentation` columns to the left, as far as blanks stand there. What is left of a
// tab that is cut becomes blanks.
void append_outdented(std::string& text, std::string_view line, int indentation) {
  int column = 0;
  std::size_t at = 0;
  while (at < line.size() && column < indentation && (line[at] == ' ' || line[at] == '\t'))
    column = column_after(column, line[at++]);
  if (column > indentation) text.append(static_cast<std::size_t>(column - indentation), ' ');
  text += line.substr(at);
}

// "- a", "* a", "1. a" without its mark.
std::string_view without_list_mark(std::string_view text) {
  text = trim(text);
  if (text == "-" || text == "*" || text == "+") return {};
  const std::size_t digits = text.find_first_not_of("0123456789");
  const bool is_ordered = digits != 0 && digits != std::string_view::npos &&
                          (text[digits] == '.' || text[digits] == ')');
  const bool is_bullet = !text.empty() && (text[0] == '-' || text[0] == '*' || text[0] == '+');
  const std::size_t mark = is_ordered ? digits + 1 : is_bullet ? 1 : 0;
  const bool is_mark = mark != 0 && mark < text.size() && (text[mark] == ' ' || text[mark] == '\t');
  return is_mark ? trim(text.substr(mark)) : text;
}

void add_path(std::vector<std::string>& files, std::string_view text) {
  text = trim(text);
  const std::string lower = to_lower(text);
  if (lower.empty() || lower == "none" || lower == "-" || lower == "[]") return;
  files.push_back(path_problem(text) == PathProblem::none ? normalize_path(text)
                                                          : std::string(text));
}

// The texts of all nodes of one kind in the field's blocks.
std::vector<std::string_view> literals(const FieldSection& field, NodeKind kind) {
  std::vector<std::string_view> found;
  for (const MarkdownNode block : field.blocks)
    for (MarkdownNode node = block; node; node = next_within(node, block))
      if (node.kind() == kind) found.push_back(node.literal());
  return found;
}

}  // namespace

SourceLines::SourceLines(std::string_view text) : text_(text), lines_(split_lines(text)) {}

std::string_view SourceLines::line(int number) const {
  return number >= 1 && number <= count() ? lines_[static_cast<std::size_t>(number - 1)]
                                          : std::string_view();
}

std::string_view SourceLines::lines(int first, int last) const {
  if (first < 1 || first > count() || last < first) return {};
  const auto begin = static_cast<std::size_t>(line(first).data() - text_.data());
  const std::string_view end = line(std::min(last, count()));
  return text_.substr(begin,
                      static_cast<std::size_t>(end.data() - text_.data()) + end.size() - begin);
}

bool read_field_label(MarkdownNode item, const SourceLines& lines, FieldSection& field) {
  const MarkdownNode paragraph = item.first_child();
  if (!paragraph || paragraph.kind() != NodeKind::paragraph) return false;
  const MarkdownNode label = paragraph.first_child();
  if (!label || label.kind() != NodeKind::strong) return false;
  const std::string_view line = lines.line(paragraph.start_line());
  const auto begin = static_cast<std::size_t>(paragraph.start_column() - 1);
  if (begin + 2 > line.size()) return false;
  const std::size_t close = line.find(line.substr(begin, 2), begin + 2);
  if (close == std::string_view::npos) return false;
  std::string_view name = trim(line.substr(begin + 2, close - begin - 2));
  std::size_t end = close + 2;
  if (!name.empty() && name.back() == ':') {
    name = trim(name.substr(0, name.size() - 1));
  } else {
    const std::size_t colon = line.find_first_not_of(" \t", end);
    if (colon == std::string_view::npos || line[colon] != ':') return false;
    end = colon + 1;
  }
  field.name = to_lower(name);
  field.written = name;
  field.label = label;
  field.first_line = paragraph.start_line();
  field.text_begin = end;
  field.column = item.start_column();
  for (std::size_t at = 0; at < begin; ++at)
    field.indentation = column_after(field.indentation, line[at]);
  return !name.empty();
}

std::string field_text(const FieldSection& field, const SourceLines& lines) {
  std::string text(trim(lines.line(field.first_line).substr(field.text_begin)));
  for (int number = field.first_line + 1; number <= field.last_line; ++number) {
    const std::string_view line = lines.line(number);
    if (text.empty() && trim(line).empty()) continue;
    if (!text.empty()) text += '\n';
    append_outdented(text, line, field.indentation);
  }
  text.erase(text.find_last_not_of(" \t\n") + 1);
  return text;
}

std::vector<std::string> field_files(const FieldSection& field, const SourceLines& lines) {
  std::vector<std::string> files;
  const auto spans = literals(field, NodeKind::code);
  for (const std::string_view span : spans)
    add_path(files, span);
  if (!spans.empty()) return files;
  const auto fences = literals(field, NodeKind::code_block);
  for (const std::string_view fence : fences)
    for (const std::string_view line : split_lines(fence))
      add_path(files, line);
  if (!fences.empty()) return files;
  const std::string text = field_text(field, lines);
  for (const std::string_view line : split_lines(text))
    for (const std::string_view part : split(without_list_mark(line), ','))
      add_path(files, part);
  return files;
}

}  // namespace konductor::plan
