// SPDX-License-Identifier: MIT
// opencode: run --format json.
#include "agent/dialect_transcript.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using Kind = TranscriptEntry::Kind;

class OpencodeTranscript final : public DialectTranscript {
 public:
  bool on_event(const json& event, const Tell& tell) override {
    const std::string type = text_at(event, "type");
    const json part = object_at(event, "part");
    if (!is_begun_) tell_session(tell, "", text_at(event, "sessionID"));
    is_begun_ = true;
    if (type == "text")
      tell_text(tell, Kind::message, text_at(part, "text"));
    else if (type == "reasoning")
      tell_text(tell, Kind::thinking, text_at(part, "text"));
    else if (type == "tool_use")
      on_tool(part, tell);
    else if (type == "step_finish")
      on_step(part);
    else if (type == "error")
      on_error(object_at(event, "error"), tell);
    return !type.empty();
  }

  void finish(const Tell& tell) override { tell_usage(tell, usage_); }

 private:
  static void on_tool(const json& part, const Tell& tell) {
    const json state = object_at(part, "state");
    tell_call(tell, text_at(part, "tool"), state.value("input", json()));
    const std::string error = text_at(state, "error");
    tell_result(tell, error.empty() ? text_at(state, "output") : error,
                text_at(state, "status") == "error");
  }

  void on_step(const json& part) {
    const json tokens = object_at(part, "tokens");
    const json cache = object_at(tokens, "cache");
    engine::add(usage_, {count_at(tokens, "input") + count_at(cache, "write"),
                         count_at(tokens, "output") + count_at(tokens, "reasoning"),
                         count_at(cache, "read"), amount_at(part, "cost")});
  }

  static void on_error(const json& error, const Tell& tell) {
    const std::string message = text_at(object_at(error, "data"), "message");
    tell_text(tell, Kind::error, message.empty() ? text_at(error, "name") : message);
  }

  bool is_begun_ = false;
  engine::Usage usage_;  // Told step by step.
};

}  // namespace

std::unique_ptr<DialectTranscript> make_opencode_transcript() {
  return std::make_unique<OpencodeTranscript>();
}

}  // namespace konductor::agent
