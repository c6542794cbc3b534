// SPDX-License-Identifier: MIT
// pi: --mode json.
#include "agent/dialect_transcript.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

class PiTranscript final : public DialectTranscript {
 public:
  bool on_event(const json& event, const Tell& tell) override {
    const std::string type = text_at(event, "type");
    if (type == "session") {
      tell_session(tell, "", text_at(event, "id"));
    } else if (type == "message_end") {
      on_message(object_at(event, "message"), tell);
    } else if (type == "tool_execution_start") {
      tell_call(tell, text_at(event, "toolName"), event.value("args", json()));
    } else if (type == "tool_execution_end") {
      tell_result(tell, text_of_content(object_at(event, "result").value("content", json())),
                  event.value("isError", json()) == json(true));
    } else if (type == "auto_retry_start") {
      tell_text(tell, Kind::note, "a request failed and is made again");
    }
    return !type.empty();
  }

  void finish(const Tell& tell) override { tell_usage(tell, usage_); }

 private:
  void on_message(const json& message, const Tell& tell) {
    if (text_at(message, "role") != "assistant") return;
    for (const json& block : list_at(message, "content")) {
      const std::string type = text_at(block, "type");
      if (type == "text") tell_text(tell, Kind::message, text_at(block, "text"));
      if (type == "thinking") tell_text(tell, Kind::thinking, text_at(block, "thinking"));
    }
    tell_text(tell, Kind::error, text_at(message, "errorMessage"));
    const json told = object_at(message, "usage");
    engine::add(usage_,
                {count_at(told, "input") + count_at(told, "cacheWrite"), count_at(told, "output"),
                 count_at(told, "cacheRead"), amount_at(object_at(told, "cost"), "total")});
  }

  engine::Usage usage_;  // Told message by message.
};

}  // namespace

std::unique_ptr<DialectTranscript> make_pi_transcript() {
  return std::make_unique<PiTranscript>();
}

}  // namespace konductor::agent
