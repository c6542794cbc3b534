// SPDX-License-Identifier: MIT
// Gemini CLI: -o stream-json. Its exit code is the HTTP status modulo 256 after a refused request,
// and 0 after a stream that was cut:
//
//   result.status   exit        end
//   success         0           success, when no other init followed
//   success         other       success, which the exit code refutes
//   any other       any         failure: cause of error.message, else of the last error event
//   no result       any         none, with the last error event's cause
#include <algorithm>

#include "agent/activity.hpp"
#include "agent/agent_stream.hpp"
#include "agent/json_skim.hpp"
#include "agent/provider_message.hpp"
#include "agent/stream_event.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;
using End = StreamReport::End;

class GeminiStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    const std::string_view type = plain_text(find_member(line, "type"));
    if (type == "message") {
      on_message(line);
    } else if (type == "tool_use") {
      message_.clear();
      count_tool_call(plain_text(find_member(line, "tool_name")),
                      written_value(find_member(line, "parameters")));
    } else if (type == "init") {
      note_session(plain_text(find_member(line, "session_id")));
      end_ = End::none;
    } else if (type == "error") {
      const json event = parse_stream_event(line);
      if (text_at(event, "severity") != "warning") error_ = detail_line(text_at(event, "message"));
    } else if (type == "result") {
      on_result(parse_stream_event(line));
    }
  }

  void on_message(std::string_view line) {
    if (plain_text(find_member(line, "role")) != "assistant") {
      message_.clear();
      return;
    }
    const bool is_piece = written_value(find_member(line, "delta")) == "true";
    if (!is_piece) message_.clear();
    add_to_message(message_, decoded_text(find_member(line, "content")));
    if (follows_activity()) set_activity(words_activity(message_));
  }

  void on_result(const json& event) {
    if (event.empty()) return;
    const json stats = object_at(event, "stats");
    usage_.cache_read_tokens = count_at(stats, "cached");
    usage_.input_tokens =
        std::max<std::int64_t>(0, count_at(stats, "input_tokens") - usage_.cache_read_tokens);
    usage_.output_tokens = count_at(stats, "output_tokens");
    const std::string status = text_at(event, "status");
    end_ = status == "success" ? End::success : End::failure;
    if (end_ == End::success) return;
    const std::string message = detail_line(text_at(object_at(event, "error"), "message"));
    if (!message.empty()) error_ = message;
    if (error_.empty()) error_ = detail_line("its result is " + quote(status));
  }

  [[nodiscard]] StreamReport report() const override {
    StreamReport report;
    report.end = end_;
    report.usage = usage_;
    if (end_ == End::success) {
      report.message = message_;
      return report;
    }
    report.detail = error_;
    report.cause = cause_of_message(error_);
    return report;
  }

  End end_ = End::none;
  engine::Usage usage_;
  std::string message_;  // What came since the last tool call.
  std::string error_;    // The last one.
};

}  // namespace

std::unique_ptr<AgentStream> make_gemini_stream() {
  return std::make_unique<GeminiStream>();
}

}  // namespace konductor::agent
