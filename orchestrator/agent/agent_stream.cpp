// SPDX-License-Identifier: MIT
#include "agent/agent_stream.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace konductor::agent {

namespace {

bool is_session_id(std::string_view id) {
  constexpr std::size_t kBytesMax = 128;
  const auto is_fitting = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  };
  return !id.empty() && id.size() <= kBytesMax && id.front() != '-' &&
         std::all_of(id.begin(), id.end(), is_fitting);
}

}  // namespace

void AgentStream::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (end == std::string_view::npos) {
      add_to_line(piece);
      return;
    }
    if (line_.empty() && !is_too_long_ && piece.size() <= kLineBytesMax) {
      if (!piece.empty()) on_line(piece);
    } else {
      add_to_line(piece);
      end_line();
    }
    bytes.remove_prefix(end + 1);
  }
}

void AgentStream::add_to_line(std::string_view piece) {
  if (!is_too_long_ && line_.size() + piece.size() > kLineBytesMax) {
    is_too_long_ = true;
    ++skipped_lines_;
    line_ = std::string();
  }
  if (!is_too_long_) line_.append(piece);
}

void AgentStream::end_line() {
  if (!is_too_long_ && !line_.empty()) on_line(line_);
  line_.clear();
  is_too_long_ = false;
}

StreamReport AgentStream::finish() {
  end_line();
  StreamReport told = report();
  told.session = session_;
  return told;
}

void AgentStream::note_session(std::string_view id) {
  if (is_session_id(id)) session_ = id;
}

void AgentStream::count_tool_call(std::string_view tool, std::string_view input) {
  const std::hash<std::string_view> hash;
  constexpr std::size_t kOdd = 0x9E3779B97F4A7C15U;  // Keeps the two apart.
  const std::size_t call = hash(tool) * kOdd + hash(input);
  const bool is_same = progress_.repeats > 0 && !input.empty() && call == newest_call_;
  if (!is_same) progress_.repeats = 0;
  if (progress_.repeats < std::numeric_limits<int>::max()) ++progress_.repeats;
  newest_call_ = call;
  ++progress_.steps;
}

std::unique_ptr<AgentStream> make_agent_stream(const config::RuntimeSettings& runtime) {
  switch (runtime.kind) {
    case config::RuntimeKind::claude:
      return make_claude_stream();
    case config::RuntimeKind::codex:
      return make_codex_stream();
    case config::RuntimeKind::command:
      if (runtime.dialect == "claude") return make_claude_stream();
      if (runtime.dialect == "codex") return make_codex_stream();
      break;
    case config::RuntimeKind::replay:
    case config::RuntimeKind::acp:
      break;
  }
  return nullptr;
}

}  // namespace konductor::agent
