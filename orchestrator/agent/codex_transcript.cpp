// SPDX-License-Identifier: MIT
// Codex: exec --json.
#include <algorithm>
#include <set>

#include "agent/dialect_transcript.hpp"
#include "agent/stream_event.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

class CodexTranscript final : public DialectTranscript {
 public:
  bool on_event(const json& event, const Tell& tell) override {
    const std::string type = text_at(event, "type");
    if (type == "thread.started") {
      tell_session(tell, "", text_at(event, "thread_id"));
    } else if (type == "item.started" || type == "item.completed") {
      on_item(object_at(event, "item"), type == "item.completed", tell);
    } else if (type == "turn.completed") {
      on_usage(object_at(event, "usage"), tell);
    } else if (type == "turn.failed") {
      tell_text(tell, Kind::error, text_at(object_at(event, "error"), "message"));
    } else if (type == "error") {
      tell_text(tell, Kind::note, text_at(event, "message"));
    }
    return !type.empty();
  }

 private:
  void on_item(const json& item, bool is_completed, const Tell& tell) {
    const std::string type = text_at(item, "type");
    if (type == "command_execution" || type == "mcp_tool_call" || type == "web_search" ||
        type == "file_change") {
      on_tool(item, type, is_completed, tell);
      return;
    }
    if (!is_completed) return;
    if (type == "agent_message") tell_text(tell, Kind::message, text_at(item, "text"));
    if (type == "reasoning") tell_text(tell, Kind::thinking, text_at(item, "text"));
    if (type == "error") tell_text(tell, Kind::note, text_at(item, "message"));
    if (type == "todo_list") tell_text(tell, Kind::note, list_of(item));
  }

  void on_tool(const json& item, const std::string& type, bool is_completed, const Tell& tell) {
    const std::string id = text_at(item, "id");
    if (id.empty() || calls_.insert(id).second) tell_item_call(item, type, tell);
    if (!is_completed) return;
    calls_.erase(id);
    const std::string status = text_at(item, "status");
    const bool is_failed = status == "failed" || status == "declined";
    if (type == "command_execution") {
      std::string output = text_at(item, "aggregated_output");
      const json exit = item.value("exit_code", json());
      const bool is_bad_exit = exit.is_number_integer() && exit != json(0);
      if (is_bad_exit) output += (output.empty() ? "exit " : "\nexit ") + exit.dump();
      tell_result(tell, output, is_failed || is_bad_exit);
    } else if (type == "mcp_tool_call") {
      const std::string error = text_at(object_at(item, "error"), "message");
      const std::string told = text_of_content(object_at(item, "result").value("content", json()));
      tell_result(tell, error.empty() ? told : error, is_failed || !error.empty());
    } else if (is_failed) {
      tell_result(tell, status, true);
    }
  }

  static void tell_item_call(const json& item, const std::string& type, const Tell& tell) {
    if (type == "command_execution")
      tell_call(tell, "shell", {{"command", text_at(item, "command")}});
    else if (type == "web_search")
      tell_call(tell, "web_search", {{"query", text_at(item, "query")}});
    else if (type == "mcp_tool_call")
      tell_call(tell, text_at(item, "server") + "." + text_at(item, "tool"),
                item.value("arguments", json()));
    else
      tell_call(tell, "file_change", {{"path", changes_of(item)}});
  }

  // "add a.c, update b.c"
  static std::string changes_of(const json& item) {
    std::vector<std::string> parts;
    for (const json& change : list_at(item, "changes"))
      if (change.is_object())
        parts.push_back(text_at(change, "kind") + " " + text_at(change, "path"));
    return join(parts, ", ");
  }

  static std::string list_of(const json& item) {
    std::string text = "its list:";
    for (const json& entry : list_at(item, "items"))
      if (entry.is_object())
        text += std::string("\n[") + (entry.value("completed", json()) == json(true) ? "x" : " ") +
                "] " + text_at(entry, "text");
    return text;
  }

  static void on_usage(const json& told, const Tell& tell) {
    engine::Usage usage;
    usage.cache_read_tokens = count_at(told, "cached_input_tokens");
    usage.input_tokens =
        std::max<std::int64_t>(0, count_at(told, "input_tokens") - usage.cache_read_tokens);
    usage.output_tokens = count_at(told, "output_tokens");
    tell_usage(tell, usage);
  }

  std::set<std::string> calls_;  // That were told, and have not ended.
};

}  // namespace

std::unique_ptr<DialectTranscript> make_codex_transcript() {
  return std::make_unique<CodexTranscript>();
}

}  // namespace konductor::agent
