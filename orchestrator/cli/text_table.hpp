// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::cli {

// Rows whose columns stand below each other. Widths count code points.
class TextTable {
 public:
  // `cells` hold no line breaks; what a row leaves out is empty.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // A column of numbers: its cells end below each other.
  void align_right(std::size_t column) { right_.insert(column); }

  // One line for each row, `indent` before it, two blanks between columns and none at its end.
  [[nodiscard]] std::vector<std::string> lines(std::string_view indent) const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::set<std::size_t> right_;
};

}  // namespace konductor::cli
