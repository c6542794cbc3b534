// SPDX-License-Identifier: MIT
// konductor-acp, which speaks the Agent Client Protocol with an agent.
#include <algorithm>
#include <charconv>

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

// What the agent itself printed stands inside of lines of another type: only konductor-acp can say
// how it ended.
class AcpStream : public AgentStream {
 private:
  void on_line(std::string_view line) override {
    const std::string_view type = plain_text(find_member(line, "type"));
    if (type == "agent") count_call(find_member(line, "message"));
    if (type != "result") return;
    const json event = parse_stream_event(line);
    report_ = StreamReport();
    note_session(text_at(event, "session_id"));
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

  void count_call(std::string_view message) {
    const std::string_view update = find_member(find_member(message, "params"), "update");
    if (plain_text(find_member(update, "sessionUpdate")) == "tool_call")
      count_tool_call(plain_text(find_member(update, "title")),
                      written_value(find_member(update, "rawInput")));
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

  [[nodiscard]] StreamReport report() const override { return report_; }

  StreamReport report_;
};

}  // namespace

std::unique_ptr<AgentStream> make_acp_stream() {
  return std::make_unique<AcpStream>();
}

}  // namespace konductor::agent
