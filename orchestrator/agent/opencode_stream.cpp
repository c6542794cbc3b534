// SPDX-License-Identifier: MIT
// opencode: run --format json. It has no final event; what was last decides:
//
//   error event   last step_finish.reason   end
//   any           any                       failure: cause of its name, status or message
//   none          stop                      success, when no other step began after it
//   none          content-filter            failure: refused
//   none          tool-calls, length, …     none: a rejected permission ends it there, with exit 0
//   none          none                      none
#include "agent/activity.hpp"
#include "agent/agent_stream.hpp"
#include "agent/json_skim.hpp"
#include "agent/provider_message.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using End = StreamReport::End;

constexpr int kErrorLevels = 5;

class OpencodeStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    const std::string_view type = plain_text(find_member(line, "type"));
    if (type == "tool_use") {
      const std::string_view part = find_member(line, "part");
      count_tool_call(plain_text(find_member(part, "tool")),
                      written_value(find_member(find_member(part, "state"), "input")));
    } else if (type == "text") {
      add_text(find_member(line, "part"));
    } else if (type == "step_start") {
      on_step_start(line);
    } else if (type == "step_finish") {
      on_step_finish(line);
    } else if (type == "error") {
      on_error(object_at(parse_stream_event(line, kErrorLevels), "error"), line);
    }
  }

  void on_step_start(std::string_view line) {
    note_session(plain_text(find_member(line, "sessionID")));
    // The step before broke off.
    if (is_in_step_ || (!reason_.empty() && reason_ != "tool-calls" && reason_ != "stop"))
      count_repeated_request();
    is_in_step_ = true;
    reason_.clear();
    message_.clear();
  }

  void add_text(std::string_view part) {
    const std::string text = decoded_text(find_member(part, "text"));
    if (!message_.empty() && !text.empty()) message_ += '\n';
    add_to_message(message_, text);
    if (follows_activity()) set_activity(words_activity(text));
  }

  void on_step_finish(std::string_view line) {
    // It may decide, and is only looked through: a line that was cut off must not.
    if (written_value(line).size() != line.size()) return;
    const std::string_view part = find_member(line, "part");
    is_in_step_ = false;
    reason_ = plain_text(find_member(part, "reason"));
    const std::string_view tokens = find_member(part, "tokens");
    const std::string_view cache = find_member(tokens, "cache");
    count_usage(
        {written_count(find_member(tokens, "input")) + written_count(find_member(cache, "write")),
         written_count(find_member(tokens, "output")) +
             written_count(find_member(tokens, "reasoning")),
         written_count(find_member(cache, "read")), written_amount(find_member(part, "cost"))});
  }

  void on_error(const json& error, std::string_view line) {
    note_session(plain_text(find_member(line, "sessionID")));
    const std::string name = text_at(error, "name");
    const json data = object_at(error, "data");
    std::string message = text_at(data, "message");
    if (message.empty()) message = name;
    std::string_view cause;
    if (name == "ContextOverflowError") cause = "context_too_long";
    if (name == "ProviderAuthError") cause = "auth";
    if (cause.empty()) cause = cause_of_answer(count_at(data, "statusCode"), message);
    error_cause_ = cause;
    error_ = detail_line(message.empty() ? "an error event" : message);
  }

  [[nodiscard]] StreamReport report() const override {
    StreamReport report;
    report.usage = spent();
    if (!error_.empty()) {
      report.end = End::failure;
      report.cause = error_cause_;
      report.detail = error_;
    } else if (reason_ == "stop") {
      report.end = End::success;
      report.message = message_;
    } else if (reason_ == "content-filter") {
      report.end = End::failure;
      report.cause = "refused";
      report.detail = "its answer was filtered";
    } else if (!reason_.empty()) {
      report.detail = detail_line("its last step ended with " + reason_);
    }
    return report;
  }

  std::string message_;  // The texts of the newest step.
  std::string reason_;   // Why the newest step ended; "" while it goes on.
  bool is_in_step_ = false;
  std::string error_;
  std::string error_cause_;
};

}  // namespace

std::unique_ptr<AgentStream> make_opencode_stream() {
  return std::make_unique<OpencodeStream>();
}

}  // namespace konductor::agent
