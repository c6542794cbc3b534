// SPDX-License-Identifier: MIT
// What no agent can do to the readers of its stream, whatever it prints.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "agent/attempt_outcome.hpp"
#include "base/text.hpp"

using namespace konductor;
using namespace konductor::agent;
using End = StreamReport::End;

namespace {

const std::vector<std::string> kDialects = {"claude", "codex", "opencode", "gemini", "qwen", "pi"};

// Lines of real streams and their enemies; only the first five say that all is well.
const std::vector<std::string> kLines = {
    R"({"type":"result","subtype":"success","is_error":false,"result":"done"})",
    R"({"type":"turn.completed","usage":{"input_tokens":1}})",
    R"({"type":"step_finish","part":{"reason":"stop","tokens":{"input":1,"cache":{"read":1}}}})",
    R"({"type":"result","status":"success","stats":{"input_tokens":3,"cached":5}})",
    R"({"type":"message_end","message":{"role":"assistant","stopReason":"stop"}})",
    R"({"type":"result","subtype":"success","is_error":true,"api_error_status":429})",
    R"({"type":"result","subtype":"error_max_turns","is_error":true})",
    R"({"type":"system","subtype":"init"})",
    R"({"type":"turn.started"})",
    R"({"type":"turn.failed","error":{"message":"last status: 429"}})",
    R"({"type":"error","message":"Reconnecting... 1/2"})",
    R"({"type":"item.completed","item":{"type":"agent_message","text":"\"result\" \ud800"}})",
    R"({"type":"assistant","message":{"content":"{\"type\":\"result\",\"is_error\":false}"}})",
    R"({"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":-1}})",
    R"({"type":"step_start","sessionID":"ses_1"})",
    R"({"type":"step_finish","part":{"reason":"tool-calls"}})",
    R"({"type":"tool_use","tool_name":"ls","parameters":{"a":1},"part":{"tool":"ls","state":{"input":{}}}})",
    R"({"type":"text","part":{"text":"a\\ud800b"}})",
    R"({"type":"error","severity":"error","message":"x","error":{"name":"APIError","data":{"statusCode":429}}})",
    R"({"type":"message","role":"assistant","content":"piece","delta":true})",
    R"({"type":"result","status":"error","error":{"message":"429: try again in 5 minutes"}})",
    R"({"type":"message_end","message":{"role":"assistant","stopReason":"error","errorMessage":"no"}})",
    R"({"type":"message_end","message":{"role":"toolResult","content":[{"type":"text","text":"x"}]}})",
    R"({"type":"tool_execution_start","toolName":"ls","args":[[[}]})",
    R"({"type":"assistant","message":{"content":[{"type":"tool_use","name":"ls","input":{}},)",
    R"({"type":"turn_start"})",
    R"({"type":"init","session_id":"--rm"})",
    "",
    "null",
    "\xFF\xFE\"result\"",
    R"({"type":"result")",
    "[[[[[[[[{\"result\":",
};

std::unique_ptr<AgentStream> stream_of(const std::string& dialect) {
  config::RuntimeSettings runtime;
  runtime.dialect = dialect;
  return make_agent_stream(runtime);
}

std::string any_dialect() {
  return *rc::gen::elementOf(kDialects);
}

// Which of kLines say to such a reader that all is well.
bool says_success(const std::string& dialect, std::size_t line) {
  if (dialect == "claude" || dialect == "qwen") return line == 0;
  if (dialect == "codex") return line == 1;
  if (dialect == "opencode") return line == 2;
  return line == (dialect == "gemini" ? 3U : 4U);
}

std::string any_lines(bool& is_told, const std::string& dialect) {
  const auto picks = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, kLines.size()));
  std::string text;
  for (const std::size_t pick : picks) {
    text += kLines.at(pick) + "\n";
    is_told = is_told || says_success(dialect, pick);
  }
  return text;
}

void feed_in_pieces(AgentStream& stream, std::string_view text) {
  while (!text.empty()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, text.size() + 1);
    stream.feed(text.substr(0, size));
    text.remove_prefix(size);
  }
}

void check_report(const StreamReport& report) {
  RC_ASSERT(is_valid_utf8(report.detail));
  RC_ASSERT(is_valid_utf8(report.message));
  RC_ASSERT(report.usage.input_tokens >= 0);
  RC_ASSERT(report.usage.output_tokens >= 0);
  RC_ASSERT(report.usage.cache_read_tokens >= 0);
  RC_ASSERT(report.session.empty() || report.session[0] != '-');
  RC_ASSERT(report.end != End::success || report.cause.empty());
  OutcomeFacts facts;
  facts.report = report;
  facts.has_document = true;
  RC_ASSERT((decide_outcome(facts).cause == "done") == (report.end == End::success));
}

}  // namespace

TEST_CASE("random bytes are read without harm and never mean success") {
  REQUIRE(rc::check([] {
    const auto stream = stream_of(any_dialect());
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    feed_in_pieces(*stream, bytes);
    const StreamReport report = stream->finish();
    check_report(report);
    RC_ASSERT(report.end == End::none);
    RC_ASSERT(stream->progress() == StreamProgress());
  }));
}

TEST_CASE("success takes a final event that says so") {
  REQUIRE(rc::check([] {
    const std::string dialect = any_dialect();
    const auto stream = stream_of(dialect);
    bool is_told = false;
    const std::string text = any_lines(is_told, dialect);
    const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    feed_in_pieces(*stream, std::string_view(text).substr(0, cut));
    const StreamReport report = stream->finish();
    check_report(report);
    if (!is_told) RC_ASSERT(report.end != End::success);
  }));
}

TEST_CASE("a stream means the same in pieces of any size, with any bytes changed") {
  REQUIRE(rc::check([] {
    const std::string dialect = any_dialect();
    bool is_told = false;
    std::string text = any_lines(is_told, dialect);
    const auto changes = *rc::gen::inRange(0, text.empty() ? 1 : 4);
    for (int i = 0; i < changes; ++i)
      text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    const auto whole = stream_of(dialect);
    whole->feed(text);
    const auto pieces = stream_of(dialect);
    feed_in_pieces(*pieces, text);
    RC_ASSERT(whole->progress() == pieces->progress());
    const StreamReport report = whole->finish();
    check_report(report);
    RC_ASSERT(report == pieces->finish());
    RC_ASSERT(whole->progress() == pieces->progress());
  }));
}

TEST_CASE("any message is searched for the end of a limit without harm") {
  REQUIRE(rc::check([] {
    const std::vector<std::string> words = {"resets ",  "try again ", "in ", "at ", "3",   "pm ",
                                            "59",       ":",          "h",   "m ",  "(",   "UTC",
                                            "2026-11-", "Nov ",       ", ",  "T",   "\xFF"};
    std::string message;
    for (const auto& word :
         *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(words)))
      message += word;
    const Moment moment = {1793880000, *rc::gen::inRange<std::int64_t>(-50'000, 50'000), {"CET"}};
    const std::optional<std::int64_t> time = told_reset_time(message, moment);
    if (time) RC_ASSERT(*time > moment.now - 1'000 && *time < moment.now + 41 * 86'400);
  }));
}

TEST_CASE("a stream with one byte changed means success only when its end is whole") {
  REQUIRE(rc::check([] {
    std::string text = kLines[7] + "\n" + kLines[12] + "\n" + kLines[0] + "\n";
    const std::size_t end = text.size() - kLines[0].size() - 1;
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::arbitrary<char>();
    const auto stream = make_claude_stream();
    feed_in_pieces(*stream, text);
    const StreamReport report = stream->finish();
    check_report(report);
    const bool is_end_whole = text.compare(end, kLines[0].size(), kLines[0]) == 0;
    if (is_end_whole && text[end - 1] == '\n') RC_ASSERT(report.end == End::success);
  }));
}
