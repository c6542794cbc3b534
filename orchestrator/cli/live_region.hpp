// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cli/progress_screen.hpp"

namespace konductor::cli {

// The lines at the bottom of a terminal that are drawn again and again, with ordinary text
// scrolling away above them. Knows what stands there and makes the bytes that change it: each frame
// is one text, held together for terminals that know synchronised updates, in which nothing is
// drawn twice. The cursor stands at the beginning of the line below.
class LiveRegion {
 public:
  // The bytes that bring `lines` to the terminal, and `above` to what scrolls; "" when nothing
  // changes. Lines are narrower than the screen.
  std::string frame(const std::vector<std::string>& above, const std::vector<ScreenLine>& lines);

  // The terminal has another width now, to which it has wrapped what stands there.
  void set_columns(std::size_t columns) { columns_ = columns; }

  // Somebody else wrote to the terminal: what stands there is left to scroll away.
  void forget() { shown_.clear(); }

 private:
  std::size_t rows_shown() const;
  void change(const std::vector<ScreenLine>& lines, std::string& text) const;
  void write_anew(const std::vector<std::string>& above, const std::vector<ScreenLine>& lines,
                  std::string& text) const;

  std::vector<ScreenLine> shown_;
  std::size_t columns_ = 80;
  std::size_t drawn_columns_ = 80;
};

}  // namespace konductor::cli
