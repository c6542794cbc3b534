// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace konductor::rpc {

// Cuts bytes that come in pieces of any size into lines. Keeps one line at most.
class LineSplitter {
 public:
  // A longer line is passed over and counted.
  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20U;

  // Calls `on_line` with each line that is complete by now, without its line break; empty ones are
  // left out. A line must be used before the call returns.
  void feed(std::string_view bytes, const std::function<void(std::string_view)>& on_line);
  [[nodiscard]] std::uint64_t skipped_lines() const { return skipped_lines_; }

 private:
  std::string line_;
  bool is_too_long_ = false;
  std::uint64_t skipped_lines_ = 0;
};

}  // namespace konductor::rpc
