// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace konductor::records {

// Walks the lines of a Markdown text and tells which are inside a code fence. A fence inside a list
// item ends with the item.
class FenceTracker {
 public:
  // Takes the next line; true when it is part of a code fence, its first and last line included.
  bool is_code(std::string_view line);
  // True when the text so far ends inside a fence.
  [[nodiscard]] bool is_open() const { return !fence_.empty(); }
  // What closes the open fence.
  [[nodiscard]] const std::string& fence() const { return fence_; }
  // True when the line taken last belongs to a list item.
  [[nodiscard]] bool is_in_item() const { return item_offset_ > 0; }

 private:
  std::string fence_;            // "" outside of fences.
  std::size_t item_offset_ = 0;  // Where the content of the current list item starts; 0: no item.
};

// A heading of the second level with a value: "##  Status : DONE ##" has name "status" (lower case,
// single blanks) and value "DONE". `line` must be outside of fences and list items.
struct HeadingField {
  std::string name;
  std::string value;
};
std::optional<HeadingField> heading_field(std::string_view line);

// True for any heading that starts with "#".
bool is_heading(std::string_view line);

}  // namespace konductor::records
