// SPDX-License-Identifier: MIT
// Claude Code's stream-json, and Qwen Code's, which is shaped like it.
#include <algorithm>

#include "agent/dialect_transcript.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

class ClaudeTranscript final : public DialectTranscript {
 public:
  explicit ClaudeTranscript(bool is_qwen) : is_qwen_(is_qwen) {}

  bool on_event(const json& event, const Tell& tell) override {
    const std::string type = text_at(event, "type");
    const bool is_nested = !text_at(event, "parent_tool_use_id").empty();
    if (type == "system")
      on_system(event, tell);
    else if (type == "assistant")
      on_message(object_at(event, "message"), is_nested, tell);
    else if (type == "user")
      on_results(object_at(event, "message"), is_nested, tell);
    else if (type == "result" && !is_nested)
      on_result(event, tell);
    return !type.empty();
  }

 private:
  static void on_system(const json& event, const Tell& tell) {
    const std::string subtype = text_at(event, "subtype");
    if (subtype == "init") {
      tell_session(tell, text_at(event, "model"), text_at(event, "session_id"));
    } else if (subtype == "api_retry" || subtype == "retry") {
      const std::string error = text_at(event, "error");
      tell_text(
          tell, Kind::note,
          "a request failed" + (error.empty() ? "" : " (" + error + ")") + " and is made again");
    } else if (subtype == "compact_boundary") {
      tell_text(tell, Kind::note, "what came before was summed up, to make room");
    }
  }

  static void on_message(const json& message, bool is_nested, const Tell& tell) {
    for (const json& block : list_at(message, "content")) {
      const std::string type = text_at(block, "type");
      if (type == "text")
        tell_text(tell, Kind::message, text_at(block, "text"), is_nested);
      else if (type == "thinking")
        tell_text(tell, Kind::thinking, text_at(block, "thinking"), is_nested);
      else if (type == "tool_use")
        tell_call(tell, text_at(block, "name"), block.value("input", json()), is_nested);
    }
  }

  static void on_results(const json& message, bool is_nested, const Tell& tell) {
    for (const json& block : list_at(message, "content")) {
      if (text_at(block, "type") != "tool_result") continue;  // Else it is the prompt.
      tell_result(tell, text_of_content(block.value("content", json())),
                  block.value("is_error", json()) == json(true), is_nested);
    }
  }

  void on_result(const json& event, const Tell& tell) const {
    const json told = object_at(event, "usage");
    engine::Usage usage;
    usage.cache_read_tokens = count_at(told, "cache_read_input_tokens");
    usage.input_tokens =
        count_at(told, "input_tokens") + count_at(told, "cache_creation_input_tokens");
    // Qwen Code counts it among the input.
    if (is_qwen_)
      usage.input_tokens = std::max<std::int64_t>(0, usage.input_tokens - usage.cache_read_tokens);
    usage.output_tokens = count_at(told, "output_tokens");
    usage.cost_usd = amount_at(event, "total_cost_usd");
    tell_usage(tell, usage);
    const std::string subtype = text_at(event, "subtype");
    const bool is_error = event.value("is_error", json()) != json(false);
    if (subtype == "success" && !is_error) return;
    std::string error = text_at(object_at(event, "error"), "message");
    if (error.empty()) error = text_at(event, "result");
    tell_text(tell, Kind::error, error.empty() ? subtype : error);
  }

  bool is_qwen_;
};

}  // namespace

std::unique_ptr<DialectTranscript> make_claude_transcript() {
  return std::make_unique<ClaudeTranscript>(false);
}

std::unique_ptr<DialectTranscript> make_qwen_transcript() {
  return std::make_unique<ClaudeTranscript>(true);
}

}  // namespace konductor::agent
