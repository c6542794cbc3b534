// SPDX-License-Identifier: MIT
// Gemini CLI: -o stream-json. Its messages come in pieces.
#include <algorithm>

#include "agent/dialect_transcript.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

class GeminiTranscript final : public DialectTranscript {
 public:
  bool on_event(const json& event, const Tell& tell) override {
    const std::string type = text_at(event, "type");
    if (type == "message") {
      on_message(event, tell);
      return true;
    }
    end_message(tell);
    if (type == "init") {
      tell_session(tell, text_at(event, "model"), text_at(event, "session_id"));
    } else if (type == "tool_use") {
      tell_call(tell, text_at(event, "tool_name"), event.value("parameters", json()));
    } else if (type == "tool_result") {
      const std::string error = text_at(object_at(event, "error"), "message");
      tell_result(tell, error.empty() ? text_at(event, "output") : error,
                  text_at(event, "status") != "success");
    } else if (type == "error") {
      const bool is_warning = text_at(event, "severity") == "warning";
      tell_text(tell, is_warning ? Kind::note : Kind::error, text_at(event, "message"));
    } else if (type == "result") {
      on_result(event, tell);
    }
    return !type.empty();
  }

  void finish(const Tell& tell) override { end_message(tell); }

 private:
  void on_message(const json& event, const Tell& tell) {
    if (text_at(event, "role") != "assistant") return;  // The prompt.
    const bool is_piece = event.value("delta", json()) == json(true);
    if (!is_piece) end_message(tell);
    if (message_.size() < Transcript::kLineBytesMax) message_ += text_at(event, "content");
  }

  void end_message(const Tell& tell) {
    tell_text(tell, Kind::message, message_);
    message_.clear();
  }

  static void on_result(const json& event, const Tell& tell) {
    const json stats = object_at(event, "stats");
    engine::Usage usage;
    usage.cache_read_tokens = count_at(stats, "cached");
    usage.input_tokens =
        std::max<std::int64_t>(0, count_at(stats, "input_tokens") - usage.cache_read_tokens);
    usage.output_tokens = count_at(stats, "output_tokens");
    tell_usage(tell, usage);
    tell_text(tell, Kind::error, text_at(object_at(event, "error"), "message"));
  }

  std::string message_;
};

}  // namespace

std::unique_ptr<DialectTranscript> make_gemini_transcript() {
  return std::make_unique<GeminiTranscript>();
}

}  // namespace konductor::agent
