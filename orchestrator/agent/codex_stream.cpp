// SPDX-License-Identifier: MIT
// Codex: exec --json.
//
//   last turn event       end
//   turn.completed        success
//   turn.failed           failure: cause of its message
//   turn.started, none    none; when the last line is an error, its cause
#include <algorithm>

#include "agent/activity.hpp"
#include "agent/agent_stream.hpp"
#include "agent/json_skim.hpp"
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
    const std::string_view type = plain_text(find_member(line, "type"));
    if (type == "item.completed")
      on_item(line);
    else if (type == "item.started" && follows_activity())
      on_start(find_member(line, "item"));
    else if (type == "thread.started")
      note_session(plain_text(find_member(line, "thread_id")));
    else if (type == "error" || type.substr(0, 5) == "turn.")
      on_turn(parse_stream_event(line));
  }

  void on_item(std::string_view line) {
    const std::string_view item = find_member(line, "item");
    const std::string_view type = plain_text(find_member(item, "type"));
    if (type == "agent_message") {
      const std::string_view text = find_member(item, "text");
      if (!written_value(text).empty()) report_.message = decoded_text(text);
      if (follows_activity()) set_activity(words_activity(report_.message));
    } else if (type == "command_execution") {
      count_tool_call(type, written_value(find_member(item, "command")));
    } else if (type == "mcp_tool_call") {
      const std::string_view tool = plain_text(find_member(item, "tool"));
      count_tool_call(tool, written_value(find_member(item, "arguments")));
    } else if (type == "web_search") {
      count_tool_call(type, written_value(find_member(item, "query")));
    } else if (type == "file_change") {
      count_tool_call(type, "");  // It tells which files, not what it wrote.
      if (follows_activity()) set_activity(change_activity(find_member(item, "changes")));
    }
  }

  // Commands take their time: what is under way is told of when it begins.
  void on_start(std::string_view item) {
    if (plain_text(find_member(item, "type")) == "command_execution")
      set_activity(call_activity("command_execution", written_value(find_member(item, "command"))));
  }

  static std::string change_activity(std::string_view changes) {
    JsonElements files(changes);
    const std::string_view first = files.next();
    if (first.empty()) return {};
    const std::string more = files.next().empty() ? "" : " and others";
    return words_activity("edits " + decoded_text(find_member(first, "path")) + more);
  }

  void on_turn(const json& event) {
    const std::string type = text_at(event, "type");
    if (type == "turn.started") {
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
