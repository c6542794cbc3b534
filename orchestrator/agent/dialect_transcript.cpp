// SPDX-License-Identifier: MIT
#include "agent/dialect_transcript.hpp"

#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

}  // namespace

std::unique_ptr<DialectTranscript> make_dialect_transcript(std::string_view dialect) {
  if (dialect == "claude") return make_claude_transcript();
  if (dialect == "qwen") return make_qwen_transcript();
  if (dialect == "codex") return make_codex_transcript();
  if (dialect == "opencode") return make_opencode_transcript();
  if (dialect == "gemini") return make_gemini_transcript();
  if (dialect == "pi") return make_pi_transcript();
  if (dialect == "acp") return make_acp_transcript();
  return nullptr;
}

std::string_view dialect_of_event(const json& event) {
  const std::string type = text_at(event, "type");
  if (type == "system" && text_at(event, "subtype") == "init")
    return event.contains("permission_mode") ? "qwen" : "claude";
  if (type == "thread.started") return "codex";
  if (type == "init" && event.contains("session_id")) return "gemini";
  if (event.contains("sessionID") && event.contains("part")) return "opencode";
  if (type == "session" && event.contains("version") && event.contains("cwd")) return "pi";
  if (type == "agent" && object_at(event, "message").contains("jsonrpc")) return "acp";
  if (type == "session" && event.contains("can_resume")) return "acp";
  return "";
}

void tell_text(const DialectTranscript::Tell& tell, Kind kind, const std::string& text,
               bool is_nested) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return;
  TranscriptEntry entry{kind, text};
  entry.is_nested = is_nested;
  tell(entry);
}

void tell_call(const DialectTranscript::Tell& tell, const std::string& tool, const json& input,
               bool is_nested) {
  TranscriptEntry entry{Kind::tool_call, ""};
  entry.tool = tool;
  if (!input.is_null() && !input.is_discarded())
    entry.input = input.dump(-1, ' ', false, json::error_handler_t::replace);
  entry.text = tool_call_text(entry.input);
  entry.is_nested = is_nested;
  tell(entry);
}

void tell_result(const DialectTranscript::Tell& tell, const std::string& text, bool is_failed,
                 bool is_nested) {
  TranscriptEntry entry{Kind::tool_result, text};
  entry.is_failed = is_failed;
  entry.is_nested = is_nested;
  tell(entry);
}

void tell_usage(const DialectTranscript::Tell& tell, const engine::Usage& usage) {
  if (usage == engine::Usage()) return;
  TranscriptEntry entry{Kind::usage, ""};
  entry.usage = usage;
  tell(entry);
}

void tell_session(const DialectTranscript::Tell& tell, const std::string& model,
                  const std::string& session) {
  std::string text = model.empty() ? "" : "model " + model;
  if (!session.empty()) text += (text.empty() ? "session " : ", session ") + session;
  tell_text(tell, Kind::session, text);
}

std::string text_of_content(const json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const json& block : content) {
    const std::string part = block.is_string()   ? block.get<std::string>()
                             : block.is_object() ? text_at(block, "text")
                                                 : std::string();
    if (part.empty()) continue;
    if (!text.empty()) text += '\n';
    text += part;
  }
  return text;
}

const json& list_at(const json& object, const char* key) {
  static const json kNone = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kNone;
}

}  // namespace konductor::agent
