// SPDX-License-Identifier: MIT
#include "agent/agent_stream.hpp"

namespace konductor::agent {

void AgentStream::feed(std::string_view bytes) {
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
    end_line();
    bytes.remove_prefix(end + 1);
  }
}

void AgentStream::end_line() {
  if (!is_too_long_ && !line_.empty()) on_line(line_);
  line_.clear();
  is_too_long_ = false;
}

StreamReport AgentStream::finish() {
  end_line();
  return report();
}

std::unique_ptr<AgentStream> make_agent_stream(config::RuntimeKind kind) {
  switch (kind) {
    case config::RuntimeKind::claude:
      return make_claude_stream();
    case config::RuntimeKind::codex:
      return make_codex_stream();
    case config::RuntimeKind::command:
    case config::RuntimeKind::replay:
    case config::RuntimeKind::acp:
      break;
  }
  return nullptr;
}

}  // namespace konductor::agent
