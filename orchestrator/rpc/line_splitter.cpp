// SPDX-License-Identifier: MIT
#include "rpc/line_splitter.hpp"

namespace konductor::rpc {

void LineSplitter::feed(std::string_view bytes,
                        const std::function<void(std::string_view)>& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (!is_too_long_ && line_.size() + piece.size() > kLineBytesMax) {
      is_too_long_ = true;
      ++skipped_lines_;
      line_ = std::string();
    }
    if (!is_too_long_) line_.append(piece);
    if (end == std::string_view::npos) return;
    if (!is_too_long_ && !line_.empty()) on_line(line_);
    line_.clear();
    is_too_long_ = false;
    bytes.remove_prefix(end + 1);
  }
}

}  // namespace konductor::rpc
