// SPDX-License-Identifier: MIT
// konductor-acp: what an agent says over the Agent Client Protocol, and what it was answered.
#include <set>

#include "agent/dialect_transcript.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

class AcpTranscript final : public DialectTranscript {
 public:
  bool on_event(const json& event, const Tell& tell) override {
    const std::string type = text_at(event, "type");
    if (type == "agent") {
      // What a session says while it is loaded was said long ago.
      if (is_open_) on_message(object_at(event, "message"), tell);
      return true;
    }
    end_texts(tell);
    if (type == "session") {
      is_open_ = true;
      tell_session(tell, "", text_at(event, "session_id"));
    } else if (type == "warning") {
      tell_text(tell, Kind::note, text_at(event, "message"));
    } else if (type == "permission") {
      on_permission(event, tell);
    } else if (type == "result") {
      on_result(event, tell);
    }
    return !type.empty();
  }

  void finish(const Tell& tell) override { end_texts(tell); }

 private:
  void on_message(const json& message, const Tell& tell) {
    if (text_at(message, "method") != "session/update") return;
    const json update = object_at(object_at(message, "params"), "update");
    const std::string kind = text_at(update, "sessionUpdate");
    if (kind == "agent_message_chunk") {
      end_text(thought_, Kind::thinking, tell);
      add(message_, update);
      return;
    }
    if (kind == "agent_thought_chunk") {
      end_text(message_, Kind::message, tell);
      add(thought_, update);
      return;
    }
    if (kind != "tool_call" && kind != "tool_call_update" && kind != "plan") return;
    end_texts(tell);
    if (kind == "plan")
      on_plan(update, tell);
    else
      on_call(update, tell);
  }

  static void add(std::string& text, const json& update) {
    if (text.size() < Transcript::kLineBytesMax)
      text += text_at(object_at(update, "content"), "text");
  }

  static void end_text(std::string& text, Kind kind, const Tell& tell) {
    tell_text(tell, kind, text);
    text.clear();
  }

  void end_texts(const Tell& tell) {
    end_text(thought_, Kind::thinking, tell);
    end_text(message_, Kind::message, tell);
  }

  // Agents tell what a call does bit by bit: the first time with what is known then.
  void on_call(const json& update, const Tell& tell) {
    const std::string id = text_at(update, "toolCallId");
    if (calls_.insert(id).second) {
      TranscriptEntry entry{Kind::tool_call, text_at(update, "title")};
      entry.tool = text_at(update, "kind");
      if (const json input = update.value("rawInput", json()); !input.is_null())
        entry.input = input.dump(-1, ' ', false, json::error_handler_t::replace);
      if (entry.text.empty()) entry.text = tool_call_text(entry.input);
      tell(entry);
    }
    const std::string status = text_at(update, "status");
    if (status != "completed" && status != "failed") return;
    tell_result(tell, text_of_result(update), status == "failed");
  }

  static std::string text_of_result(const json& update) {
    std::string text;
    for (const json& block : list_at(update, "content")) {
      if (!block.is_object()) continue;
      std::string part = text_at(object_at(block, "content"), "text");
      if (text_at(block, "type") == "diff") part = "changed " + text_at(block, "path");
      if (part.empty()) continue;
      if (!text.empty()) text += '\n';
      text += part;
    }
    return text;
  }

  static void on_plan(const json& update, const Tell& tell) {
    std::string text = "its list:";
    for (const json& entry : list_at(update, "entries"))
      if (entry.is_object())
        text += std::string("\n[") + (text_at(entry, "status") == "completed" ? "x" : " ") + "] " +
                text_at(entry, "content");
    tell_text(tell, Kind::note, text);
  }

  static void on_permission(const json& event, const Tell& tell) {
    const bool is_allowed = event.value("is_allowed", json()) == json(true);
    const std::string reason = text_at(event, "reason");
    tell_text(tell, Kind::note,
              std::string(is_allowed ? "allowed: " : "refused: ") + text_at(event, "title") +
                  (reason.empty() ? "" : " (" + reason + ")"));
  }

  static void on_result(const json& event, const Tell& tell) {
    const json told = object_at(event, "usage");
    tell_usage(tell, {count_at(told, "input_tokens"), count_at(told, "output_tokens"),
                      count_at(told, "cache_read_tokens"), amount_at(event, "cost_usd")});
    tell_text(tell, Kind::error, text_at(object_at(event, "error"), "message"));
  }

  bool is_open_ = false;
  std::string message_;
  std::string thought_;
  std::set<std::string> calls_;
};

}  // namespace

std::unique_ptr<DialectTranscript> make_acp_transcript() {
  return std::make_unique<AcpTranscript>();
}

}  // namespace konductor::agent
