// SPDX-License-Identifier: MIT
#include "agent/agent_stream.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "agent/activity.hpp"
#include "agent/json_skim.hpp"

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

StreamReport AgentStream::finish(const Moment& moment) {
  end_line();
  StreamReport told = report();
  const bool is_limit = told.cause == "quota" || told.cause == "overloaded";
  if (is_limit && !told.retry_at) told.retry_at = told_reset_time(told.detail, moment);
  told.session = session_;
  // One that was cut off has told no total.
  if (told.usage == engine::Usage()) told.usage = spent_;
  return told;
}

void AgentStream::note_session(std::string_view id) {
  if (is_session_id(id)) session_ = id;
}

void AgentStream::count_tool_call(std::string_view tool, std::string_view input) {
  count_step();
  note_input(tool, input);
}

void AgentStream::note_input(std::string_view tool, std::string_view input) {
  if (follows_activity_) set_activity(call_activity(tool, input));
  const std::hash<std::string_view> hash;
  constexpr std::size_t kOdd = 0x9E3779B97F4A7C15U;  // Keeps the two apart.
  const std::size_t call = hash(tool) * kOdd + hash(input);
  const bool is_same = progress_.repeats > 0 && !input.empty() && call == newest_call_;
  if (!is_same) progress_.repeats = 0;
  if (progress_.repeats < std::numeric_limits<int>::max()) ++progress_.repeats;
  newest_call_ = call;
}

void AgentStream::count_message_tools(std::string_view line) {
  JsonElements blocks(find_member(find_member(line, "message"), "content"));
  for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
    const std::string_view type = plain_text(find_member(block, "type"));
    if (type == "tool_use")
      count_tool_call(plain_text(find_member(block, "name")),
                      written_value(find_member(block, "input")));
    else if (type == "text" && follows_activity_)
      set_activity(words_activity(decoded_text(find_member(block, "text"))));
  }
}

void AgentStream::set_activity(std::string activity) {
  if (!activity.empty()) activity_ = std::move(activity);
}

// Agents that work side by side tell their messages in turns.
void AgentStream::count_message_usage(std::string_view message, const engine::Usage& until_then) {
  constexpr std::size_t kMessagesMax = 64;
  const auto known = std::find_if(messages_.begin(), messages_.end(),
                                  [message](const auto& each) { return each.first == message; });
  engine::Usage before;
  if (known != messages_.end() && !message.empty()) {
    before = std::exchange(known->second, until_then);
  } else {
    messages_.emplace_back(message, until_then);
    if (messages_.size() > kMessagesMax) messages_.pop_front();
  }
  spent_.input_tokens += until_then.input_tokens - before.input_tokens;
  spent_.output_tokens += until_then.output_tokens - before.output_tokens;
  spent_.cache_read_tokens += until_then.cache_read_tokens - before.cache_read_tokens;
  spent_.cost_usd += until_then.cost_usd - before.cost_usd;
}

void AgentStream::add_to_message(std::string& message, std::string_view piece) {
  if (message.size() + piece.size() <= kLineBytesMax) message += piece;
}

std::string_view dialect_of(const config::RuntimeSettings& runtime) {
  if (runtime.kind == config::RuntimeKind::claude) return "claude";
  if (runtime.kind == config::RuntimeKind::codex) return "codex";
  if (runtime.kind == config::RuntimeKind::acp) return "acp";
  const bool has_dialect = runtime.kind == config::RuntimeKind::command && !runtime.dialect.empty();
  return has_dialect ? std::string_view(runtime.dialect) : "text";
}

std::unique_ptr<AgentStream> make_agent_stream(const config::RuntimeSettings& runtime) {
  const std::string_view dialect = dialect_of(runtime);
  if (dialect == "claude") return make_claude_stream();
  if (dialect == "codex") return make_codex_stream();
  if (dialect == "acp") return make_acp_stream();
  if (dialect == "opencode") return make_opencode_stream();
  if (dialect == "gemini") return make_gemini_stream();
  if (dialect == "qwen") return make_qwen_stream();
  if (dialect == "pi") return make_pi_stream();
  return nullptr;
}

}  // namespace konductor::agent
