// SPDX-License-Identifier: MIT
// Qwen Code: -o stream-json. Shaped like Claude Code's, but the error is an object of its own, and
// `usage` sums up the session, cached input among the input:
//
//   result.subtype   is_error      end
//   success          false         success, when no other init followed
//   success          other         failure: cause of error.message, else of the result's text
//   other            any           failure: cause of error.message
//   no result        any           none
#include <algorithm>

#include "agent/agent_stream.hpp"
#include "agent/json_skim.hpp"
#include "agent/provider_message.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using End = StreamReport::End;

class QwenStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    const std::string_view type = plain_text(find_member(line, "type"));
    if (type == "assistant")
      count_message_tools(line);
    else if (type == "result")
      on_result(parse_stream_event(line));
    else if (type == "system")
      on_system(line);
  }

  void on_system(std::string_view line) {
    const std::string_view subtype = plain_text(find_member(line, "subtype"));
    if (subtype == "retry") count_repeated_request();
    if (subtype != "init") return;
    note_session(plain_text(find_member(line, "session_id")));
    report_.end = End::none;
  }

  void on_result(const json& event) {
    if (event.empty()) return;                                  // Cut off.
    if (!text_at(event, "parent_tool_use_id").empty()) return;  // Of an agent that it started.
    note_session(text_at(event, "session_id"));
    report_ = StreamReport();
    report_.usage = usage_of(object_at(event, "usage"));
    const std::string subtype = text_at(event, "subtype");
    const std::string result = text_at(event, "result");
    const bool is_error = event.value("is_error", json()) != json(false);
    if (subtype == "success" && !is_error) {
      report_.end = End::success;
      report_.message = result;
      return;
    }
    report_.end = End::failure;
    std::string error = text_at(object_at(event, "error"), "message");
    if (error.empty() && subtype == "success") error = result;
    report_.cause = cause_of_message(error);
    report_.detail = detail_line(error.empty() ? subtype : error);
  }

  static engine::Usage usage_of(const json& told) {
    engine::Usage usage;
    usage.cache_read_tokens = count_at(told, "cache_read_input_tokens");
    usage.input_tokens =
        std::max<std::int64_t>(0, count_at(told, "input_tokens") - usage.cache_read_tokens);
    usage.output_tokens = count_at(told, "output_tokens");
    return usage;
  }

  [[nodiscard]] StreamReport report() const override { return report_; }

  StreamReport report_;
};

}  // namespace

std::unique_ptr<AgentStream> make_qwen_stream() {
  return std::make_unique<QwenStream>();
}

}  // namespace konductor::agent
