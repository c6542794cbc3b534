// SPDX-License-Identifier: MIT
// Claude Code: --output-format stream-json.
//
//   result.subtype   is_error   stop_reason   end
//   success          false      any other     success, when no other init followed
//   any              any        refusal       failure: refused
//   success          other      any other     failure: cause of the request's status or of its
//   words other            any        any other     failure: cause of the request's status no
//   result        any        any           none
#include "agent/agent_stream.hpp"
#include "agent/json_skim.hpp"
#include "agent/provider_message.hpp"
#include "agent/stream_event.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;

class ClaudeStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    const std::string_view type = plain_text(find_member(line, "type"));
    if (type == "result") {
      on_result(parse_stream_event(line), line);
    } else if (type == "assistant") {
      count_message_tools(line);
      on_message(find_member(line, "message"));
    } else if (type == "system") {
      on_system(line);
    } else if (type == "rate_limit_event") {
      const json limit = object_at(parse_stream_event(line), "rate_limit_info");
      const bool is_rejected = text_at(limit, "status") == "rejected";
      resets_at_ = is_rejected ? plausible_time(count_at(limit, "resetsAt")) : std::nullopt;
    }
  }

  void on_system(std::string_view line) {
    const std::string_view subtype = plain_text(find_member(line, "subtype"));
    if (subtype == "api_retry") count_repeated_request();
    if (subtype != "init") return;
    note_session(plain_text(find_member(line, "session_id")));
    report_.end = StreamReport::End::none;  // Another turn: the last result was not the last word.
  }

  // What it tells of a message's answer is not whole, and as near as there is before the result.
  void on_message(std::string_view message) {
    const std::string_view told = find_member(message, "usage");
    if (told.empty()) return;
    engine::Usage usage;
    usage.input_tokens = written_count(find_member(told, "input_tokens")) +
                         written_count(find_member(told, "cache_creation_input_tokens"));
    usage.output_tokens = written_count(find_member(told, "output_tokens"));
    usage.cache_read_tokens = written_count(find_member(told, "cache_read_input_tokens"));
    count_message_usage(plain_text(find_member(message, "id")), usage);
  }

  static engine::Usage usage_of(const json& told) {
    engine::Usage usage;
    usage.input_tokens =
        count_at(told, "input_tokens") + count_at(told, "cache_creation_input_tokens");
    usage.output_tokens = count_at(told, "output_tokens");
    usage.cache_read_tokens = count_at(told, "cache_read_input_tokens");
    return usage;
  }

  void on_result(const json& event, std::string_view line) {
    if (event.empty()) return;                                  // Cut off.
    if (!text_at(event, "parent_tool_use_id").empty()) return;  // Of an agent that it started.
    note_session(text_at(event, "session_id"));
    report_ = StreamReport();
    report_.message = text_at(event, "result");
    // What it was asked for by a schema; `result` need not tell that.
    const std::string_view answer = written_value(find_member(line, "structured_output"));
    if (answer.substr(0, 1) == "{") report_.message = answer;
    // `usage` of an `assistant` event is partial; the result's holds the whole run.
    report_.usage = usage_of(object_at(event, "usage"));
    report_.usage.cost_usd = amount_at(event, "total_cost_usd");
    // A refused request ends as subtype "success" with is_error true.
    const std::string subtype = text_at(event, "subtype");
    const bool is_error = event.value("is_error", json()) != json(false);
    const bool is_refused = text_at(event, "stop_reason") == "refusal";
    if (subtype == "success" && !is_error && !is_refused) {
      report_.end = StreamReport::End::success;
      return;
    }
    report_.end = StreamReport::End::failure;
    report_.cause = is_refused ? "refused" : cause_of(event, subtype);
    report_.detail = detail_line(report_.message.empty() ? subtype : report_.message);
    if (report_.cause == "quota") report_.retry_at = reset_time(report_.message);
    report_.message.clear();  // An error text is nobody's document.
  }

  static std::string cause_of(const json& event, const std::string& subtype) {
    if (text_at(event, "terminal_reason") == "prompt_too_long") return "context_too_long";
    if (subtype == "error_max_budget_usd") return "over_budget";
    std::string_view cause = cause_of_status(count_at(event, "api_error_status"));
    if (cause.empty()) cause = cause_of_message(text_at(event, "api_error_type"));
    if (cause.empty() && !text_at(event, "api_error").empty()) cause = "network";
    // Another subtype's text is the agent's own.
    if (cause.empty() && subtype == "success") cause = cause_of_message(text_at(event, "result"));
    return std::string(cause);
  }

  [[nodiscard]] StreamReport report() const override {
    StreamReport report = report_;
    if (report.cause == "quota" && !report.retry_at) report.retry_at = resets_at_;
    return report;
  }

  StreamReport report_;
  std::optional<std::int64_t> resets_at_;
};

}  // namespace

std::unique_ptr<AgentStream> make_claude_stream() {
  return std::make_unique<ClaudeStream>();
}

}  // namespace konductor::agent
