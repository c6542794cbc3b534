// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/markdown.hpp"
#include "plan/plan.hpp"

namespace konductor::plan {

// One `- **name:** …` of a task: its list item and everything up to the next such item.
struct FieldSection {
  std::string name;                  // Lower case.
  std::string written;               // As the plan spells it.
  std::vector<MarkdownNode> blocks;  // The item first.
  MarkdownNode label;                // The bold text that names the field.
  int first_line = 0;                // Of the item, counted in the parsed text.
  int last_line = 0;
  std::size_t text_begin = 0;  // Byte of the first line where the field's text begins.
  int column = 1;              // Of the item, in code points.
  int indentation = 0;         // Columns that the lines after the first are moved left.
};

// The lines of the text that was parsed, by their number from 1 on.
class SourceLines {
 public:
  explicit SourceLines(std::string_view text);
  [[nodiscard]] int count() const { return static_cast<int>(lines_.size()); }
  // "" past the end: cmark may place the end of a block one line further.
  [[nodiscard]] std::string_view line(int number) const;
  // From the line `first` to the end of the line `last`.
  [[nodiscard]] std::string_view lines(int first, int last) const;

 private:
  std::string_view text_;
  std::vector<std::string_view> lines_;
};

// Whether `item` of a list begins a field; fills `name` to `indentation` if so.
bool read_field_label(MarkdownNode item, const SourceLines& lines, FieldSection& field);

// The Markdown of a field with its indentation removed, without blank lines around it.
std::string field_text(const FieldSection& field, const SourceLines& lines);

// The paths that a `files` field declares: its code spans, else the lines of its fences, else its
// text split at commas and line breaks. Nothing, "none", "-" and "[]" are no path.
std::vector<std::string> field_files(const FieldSection& field, const SourceLines& lines);

}  // namespace konductor::plan
