// SPDX-License-Identifier: MIT
// Codex: exec --json.
#include <algorithm>

#include "agent/agent_stream.hpp"
#include "agent/provider_message.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;

// Items of type `error` are warnings. So are `error` events, as long as anything follows them.
class CodexStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    last_error_.clear();
    const bool is_wanted = holds_word(line, "agent_message") || holds_word(line, "turn.started") ||
                           holds_word(line, "turn.completed") || holds_word(line, "turn.failed") ||
                           holds_word(line, "error");
    if (!is_wanted) return;
    const json event = parse_stream_event(line);
    const std::string type = text_at(event, "type");
    if (type == "item.completed") {
      const json item = object_at(event, "item");
      if (text_at(item, "type") == "agent_message") report_.message = text_at(item, "text");
    } else if (type == "turn.started") {
      report_.end = StreamReport::End::none;
    } else if (type == "turn.completed") {
      report_.end = StreamReport::End::success;
      report_.usage = usage_of(object_at(event, "usage"));
    } else if (type == "turn.failed") {
      report_.end = StreamReport::End::failure;
      last_error_ = text_at(object_at(event, "error"), "message");
    } else if (type == "error") {
      last_error_ = text_at(event, "message");
    }
  }

  // The whole run's so far, cached input among the input.
  static engine::Usage usage_of(const json& told) {
    engine::Usage usage;
    usage.cache_read_tokens = count_at(told, "cached_input_tokens");
    usage.input_tokens =
        std::max<std::int64_t>(0, count_at(told, "input_tokens") - usage.cache_read_tokens);
    usage.output_tokens = count_at(told, "output_tokens");
    return usage;
  }

  [[nodiscard]] StreamReport report() const override {
    StreamReport report = report_;
    if (report.end == StreamReport::End::success) return report;
    report.cause = cause_of_message(last_error_);
    report.detail = detail_line(last_error_);
    report.message.clear();
    return report;
  }

  StreamReport report_;
  std::string last_error_;  // Of the last line, when it is one.
};

}  // namespace

std::unique_ptr<AgentStream> make_codex_stream() {
  return std::make_unique<CodexStream>();
}

}  // namespace konductor::agent
