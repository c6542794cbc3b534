// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::test {

// As much of a terminal as the live view uses: characters of one column, line breaks, moving up and
// down, clearing to the end of the line and of the screen. Anything else fails the test.
class TerminalScreen {
 public:
  TerminalScreen(std::size_t columns, std::size_t rows)
      : columns_(columns), rows_(rows), cells_(rows) {}

  void write(std::string_view text) {
    while (!text.empty()) {
      if (text.substr(0, 2) == "\x1b[")
        obey(text);
      else
        put(text);
    }
  }

  // As terminals do that wrap what no longer fits.
  void narrow(std::size_t columns) {
    std::vector<Row> wrapped;
    for (const Row& row : cells_) {
      Row rest = row;
      while (rest.size() > columns) {
        wrapped.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(columns));
        rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(columns));
        ++row_;
      }
      wrapped.push_back(rest);
    }
    while (wrapped.size() > rows_ && wrapped.back().empty())
      wrapped.pop_back();
    cells_ = std::move(wrapped);
    columns_ = columns;
  }

  // Without empty ones at the end.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Row& row : cells_) {
      std::string line;
      for (const std::string& cell : row)
        line += cell;
      lines.push_back(line);
    }
    while (!lines.empty() && lines.back().empty())
      lines.pop_back();
    return lines;
  }

 private:
  using Row = std::vector<std::string>;

  void obey(std::string_view& text) {
    text.remove_prefix(2);
    const auto end = text.find_first_not_of("0123456789?;");
    const std::string parameter(text.substr(0, end));
    const char command = text.at(end);
    text.remove_prefix(end + 1);
    const std::size_t count = parameter.empty() || parameter[0] == '?' ? 0 : std::stoul(parameter);
    is_wrap_pending_ = false;
    if (command == 'A')
      row_ -= std::min(row_, count);
    else if (command == 'B')
      row_ = std::min(rows_ - 1, row_ + count);
    else if (command == 'K')
      clear_line();
    else if (command == 'J')
      clear_below();
    else if (command != 'h' && command != 'l')
      throw std::runtime_error("not a sequence of the live view: " + parameter + command);
  }

  void put(std::string_view& text) {
    const char c = text.front();
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
      ++size;
    const std::string cell(text.substr(0, size));
    text.remove_prefix(size);
    if (c == '\r') {
      column_ = 0;
      is_wrap_pending_ = false;
    } else if (c == '\n') {
      next_row();
    } else {
      if (is_wrap_pending_) {
        column_ = 0;
        next_row();
      }
      Row& row = cells_.at(row_);
      if (row.size() <= column_) row.resize(column_ + 1, " ");
      row[column_] = cell;
      is_wrap_pending_ = ++column_ == columns_;
      if (is_wrap_pending_) --column_;
    }
  }

  void next_row() {
    is_wrap_pending_ = false;
    if (row_ + 1 < rows_) {
      ++row_;
      return;
    }
    cells_.erase(cells_.begin());
    cells_.emplace_back();
  }

  void clear_line() {
    Row& row = cells_.at(row_);
    if (row.size() > column_) row.resize(column_);
  }

  void clear_below() {
    clear_line();
    for (std::size_t i = row_ + 1; i < rows_; ++i)
      cells_[i].clear();
  }

  std::size_t columns_;
  std::size_t rows_;
  std::vector<Row> cells_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  bool is_wrap_pending_ = false;  // The cursor is behind the last column.
};

}  // namespace konductor::test
