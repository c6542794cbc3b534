// SPDX-License-Identifier: MIT
#include "cli/text_table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::cli {

std::vector<std::string> TextTable::lines(std::string_view indent) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], count_code_points(row[i]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - count_code_points(row[i]), ' ');
      line += (right_.count(i) != 0 ? blanks + row[i] : row[i] + blanks) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace konductor::cli
