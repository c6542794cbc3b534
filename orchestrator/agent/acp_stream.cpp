// SPDX-License-Identifier: MIT
// konductor-acp, which speaks the Agent Client Protocol with an agent.
#include <algorithm>
#include <charconv>
#include <deque>
#include <iterator>

#include "agent/activity.hpp"
#include "agent/agent_stream.hpp"
#include "agent/json_skim.hpp"
#include "agent/provider_message.hpp"
#include "agent/stream_event.hpp"
#include "base/text.hpp"

namespace konductor::agent {
namespace {

using nlohmann::json;

constexpr std::int64_t kLoginNeeded = -32000;

// The status that an error text begins with, as in "400 Bad request" and "API Error: 401 …"; 0 when
// it does not.
std::int64_t status_in(std::string_view message) {
  const std::string lower = to_lower(message);
  std::string_view rest = lower;
  for (const std::string_view word : {"internal error:", "api error:", "error:", "http "})
    if (const std::size_t at = rest.find(word); at != std::string_view::npos)
      rest.remove_prefix(at + word.size());
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" [(")));
  int status = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), status);
  constexpr std::ptrdiff_t kDigits = 3;
  return error == std::errc() && end - rest.data() == kDigits ? status : 0;
}

struct ToolCall {
  std::string id;
  std::string title;
  std::string input;
  bool is_noted = false;
};

// More calls than this at a time are forgotten, the oldest first.
constexpr std::size_t kCallsMax = 64;
constexpr std::size_t kNotesMax = 16;

// What the agent itself printed stands inside of lines of another type: only konductor-acp can say
// how it ended.
class AcpStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    const std::string_view type = plain_text(find_member(line, "type"));
    // What a session says while it is loaded was said and done long ago.
    if (type == "agent" && is_open_) on_message(find_member(line, "message"));
    if (type == "session") is_open_ = true;
    if (type != "result" && type != "session" && type != "warning") return;
    const json event = parse_stream_event(line);
    if (type == "warning" && notes_.size() < kNotesMax)
      notes_.push_back(detail_line(text_at(event, "message")));
    // The name of a session that cannot be gone on with is of no use.
    if (type != "warning" && event.value("can_resume", json()) == json(true))
      note_session(text_at(event, "session_id"));
    if (type == "result") on_result(event);
  }

  void on_result(const json& event) {
    report_ = StreamReport();
    const json usage = object_at(event, "usage");
    report_.usage.input_tokens = count_at(usage, "input_tokens");
    report_.usage.output_tokens = count_at(usage, "output_tokens");
    report_.usage.cache_read_tokens = count_at(usage, "cache_read_tokens");
    report_.usage.cost_usd = amount_at(event, "cost_usd");
    const bool is_success = event.value("success", json()) == json(true) &&
                            text_at(event, "stop_reason") == "end_turn" && !event.contains("error");
    if (is_success) {
      report_.end = StreamReport::End::success;
      report_.message = text_at(event, "message");
      return;
    }
    report_.end = StreamReport::End::failure;
    const json error = object_at(event, "error");
    const std::string message = text_at(error, "message");
    report_.detail = detail_line(message);
    report_.cause = cause_of(error, message);
    if (report_.cause == "quota") report_.retry_at = reset_time(message);
  }

  void on_message(std::string_view message) {
    const std::string_view params = find_member(message, "params");
    const std::string_view update = find_member(params, "update");
    const std::string_view kind = plain_text(find_member(update, "sessionUpdate"));
    if (kind == "tool_call" || kind == "tool_call_update")
      on_call(update);
    else if (kind == "agent_message_chunk")
      on_chunk(update);
    else if (plain_text(find_member(message, "method")) == "session/request_permission")
      on_call(find_member(params, "toolCall"));
  }

  // Agents tell what a call does bit by bit, some not before they ask for it.
  void on_call(std::string_view told) {
    has_called_ = true;
    words_.clear();
    const std::string_view id = plain_text(find_member(told, "toolCallId"));
    auto call = std::find_if(calls_.begin(), calls_.end(),
                             [&](const ToolCall& known) { return known.id == id; });
    if (call == calls_.end()) {
      if (calls_.size() == kCallsMax) {
        note_call(calls_.front());
        calls_.pop_front();
      }
      calls_.push_back({std::string(id), "", "", false});
      call = std::prev(calls_.end());
      count_step();
    }
    if (call->is_noted) return;
    if (const std::string_view title = plain_text(find_member(told, "title")); !title.empty()) {
      call->title = title;
      if (follows_activity())
        set_activity(words_activity(decoded_text(find_member(told, "title"))));
    }
    std::string_view input = written_value(find_member(told, "rawInput"));
    if (input.empty() || input == "{}") input = written_value(find_member(told, "content"));
    if (!input.empty() && input != "[]") call->input = input;
    const std::string_view status = plain_text(find_member(told, "status"));
    if (status == "completed" || status == "failed") note_call(*call);
  }

  void note_call(ToolCall& call) {
    const std::string newest = activity();
    if (!call.is_noted) note_input(call.title, call.input);
    set_activity(newest);  // Told when it began; by now others may be under way.
    call.is_noted = true;
    call.input = std::string();
  }

  // Two messages without a call between them: the first one's request broke off and was made again.
  void on_chunk(std::string_view update) {
    const std::string_view id = plain_text(find_member(update, "messageId"));
    if (follows_activity()) add_words(id, find_member(find_member(update, "content"), "text"));
    if (id.empty() || id == message_id_) return;
    if (!message_id_.empty() && !has_called_) count_repeated_request();
    message_id_ = id;
    has_called_ = false;
  }

  // Of a message that comes in pieces; its beginning is enough.
  void add_words(std::string_view id, std::string_view text) {
    if (id != message_id_) words_.clear();
    constexpr std::size_t kBytesMax = 1000;
    if (words_.size() < kBytesMax) words_ += decoded_text(text);
    set_activity(words_activity(words_));
  }

  static std::string cause_of(const json& error, const std::string& message) {
    const json code = error.value("code", json());
    std::string_view cause = cause_of_status(count_at(error, "code"));
    if (cause.empty()) cause = cause_of_status(status_in(message));
    if (cause.empty()) cause = cause_of_message(message);
    // Agents have other errors of that number, too.
    if (cause.empty() && code == json(kLoginNeeded)) cause = "auth";
    return std::string(cause);
  }

  [[nodiscard]] StreamReport report() const override {
    StreamReport told = report_;
    told.notes = notes_;
    return told;
  }

  StreamReport report_;
  std::vector<std::string> notes_;
  bool is_open_ = false;
  std::deque<ToolCall> calls_;
  std::string message_id_;
  bool has_called_ = false;  // Since the message began.
  std::string words_;        // Of the message, while nothing was called since.
};

}  // namespace

std::unique_ptr<AgentStream> make_acp_stream() {
  return std::make_unique<AcpStream>();
}

}  // namespace konductor::agent
