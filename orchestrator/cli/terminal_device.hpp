// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "cli/progress_screen.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::cli {

// A terminal to draw on, which never holds up whoever draws: what it does not take at once (a
// person pressed Ctrl-S, a line is slow) waits here.
class TerminalDevice {
 public:
  // `file` is a descriptor of the terminal, and stays the caller's.
  explicit TerminalDevice(int file);

  void write(std::string_view bytes);
  // Writes what waits, as far as it is taken now. True when nothing waits any more.
  bool write_more();
  // The same, waiting for a terminal that is slow. One that takes nothing for a while gets no more.
  void finish();
  [[nodiscard]] ScreenSize size() const;

 private:
  int file_;
  platform::UniqueFd own_;  // The same terminal, open a second time.
  std::string waiting_;
};

}  // namespace konductor::cli
