// SPDX-License-Identifier: MIT
// pi: --mode json. Its exit code is 0 whatever happened; the newest assistant message decides:
//
//   its stopReason    end
//   stop              success, when no other turn began after it
//   error             failure: cause of errorMessage
//   aborted           failure
//   length, toolUse   none
//   none              none
#include "agent/activity.hpp"
#include "agent/agent_stream.hpp"
#include "agent/json_skim.hpp"
#include "agent/provider_message.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using End = StreamReport::End;

constexpr int kEventLevels = 5;  // message.usage.cost.total

class PiStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    const std::string_view type = plain_text(find_member(line, "type"));
    if (type == "message_end") {
      const std::string_view message = find_member(line, "message");
      if (plain_text(find_member(message, "role")) == "assistant") on_message(line);
    } else if (type == "tool_execution_start") {
      count_tool_call(plain_text(find_member(line, "toolName")),
                      written_value(find_member(line, "args")));
    } else if (type == "turn_start") {
      end_ = End::none;
      detail_.clear();
    } else if (type == "auto_retry_start") {
      count_repeated_request();
    } else if (type == "session") {
      note_session(plain_text(find_member(line, "id")));
    }
  }

  void on_message(std::string_view line) {
    // Most messages only call tools: they end nothing, so the rest of their line is not looked at.
    const std::string_view told = find_member(line, "message");
    if (plain_text(find_member(told, "stopReason")) == "toolUse") {
      const json usage = parse_lenient(written_value(find_member(told, "usage")), kEventLevels - 2);
      if (usage.is_object()) add_usage(usage);
      end_ = End::none;
      error_.clear();
      detail_ = "its last message ended with toolUse";
      return;
    }
    const json message = object_at(parse_stream_event(line, kEventLevels), "message");
    if (message.empty()) return;
    add_usage(object_at(message, "usage"));
    const std::string reason = text_at(message, "stopReason");
    end_ = End::none;
    if (reason == "stop") end_ = End::success;
    if (reason == "error" || reason == "aborted") end_ = End::failure;
    error_ = text_at(message, "errorMessage");
    detail_ = detail_line(error_.empty() ? "its last message ended with " + reason : error_);
    if (end_ == End::success) read_text(find_member(find_member(line, "message"), "content"));
  }

  void read_text(std::string_view content) {
    message_.clear();
    JsonElements blocks(content);
    for (auto block = blocks.next(); !block.empty(); block = blocks.next())
      if (plain_text(find_member(block, "type")) == "text")
        add_to_message(message_, decoded_text(find_member(block, "text")));
    if (follows_activity()) set_activity(words_activity(message_));
  }

  void add_usage(const json& told) {
    count_usage({count_at(told, "input") + count_at(told, "cacheWrite"), count_at(told, "output"),
                 count_at(told, "cacheRead"), amount_at(object_at(told, "cost"), "total")});
  }

  [[nodiscard]] StreamReport report() const override {
    StreamReport report;
    report.end = end_;
    report.usage = spent();
    if (end_ == End::success) {
      report.message = message_;
      return report;
    }
    report.detail = detail_;
    if (end_ == End::failure) report.cause = cause_of_message(error_);
    return report;
  }

  End end_ = End::none;
  std::string message_;
  std::string error_;
  std::string detail_;
};

}  // namespace

std::unique_ptr<AgentStream> make_pi_stream() {
  return std::make_unique<PiStream>();
}

}  // namespace konductor::agent
