// SPDX-License-Identifier: MIT
// What no agent can do to the readers of its stream, whatever it prints.
#include <rapidcheck.h>

#include <array>
#include <catch2/catch.hpp>

#include "agent/attempt_outcome.hpp"
#include "base/text.hpp"

using namespace konductor;
using namespace konductor::agent;
using End = StreamReport::End;

namespace {

// Lines of real streams and their enemies; only the first two say that all is well.
const std::array<std::string, 16> kLines = {
    R"({"type":"result","subtype":"success","is_error":false,"result":"done"})",
    R"({"type":"turn.completed","usage":{"input_tokens":1}})",
    R"({"type":"result","subtype":"success","is_error":true,"api_error_status":429})",
    R"({"type":"result","subtype":"error_max_turns","is_error":true})",
    R"({"type":"system","subtype":"init"})",
    R"({"type":"turn.started"})",
    R"({"type":"turn.failed","error":{"message":"last status: 429"}})",
    R"({"type":"error","message":"Reconnecting... 1/2"})",
    R"({"type":"item.completed","item":{"type":"agent_message","text":"\"result\" \ud800"}})",
    R"({"type":"assistant","message":{"content":"{\"type\":\"result\",\"is_error\":false}"}})",
    R"({"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":-1}})",
    "",
    "null",
    "\xFF\xFE\"result\"",
    R"({"type":"result")",
    "[[[[[[[[{\"result\":",
};

std::unique_ptr<AgentStream> any_stream() {
  return *rc::gen::element(true, false) ? make_claude_stream() : make_codex_stream();
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
  RC_ASSERT(report.end != End::success || report.cause.empty());
  OutcomeFacts facts;
  facts.report = report;
  facts.has_document = true;
  RC_ASSERT((decide_outcome(facts).cause == "done") == (report.end == End::success));
}

}  // namespace

TEST_CASE("random bytes are read without harm and never mean success") {
  REQUIRE(rc::check([] {
    const auto stream = any_stream();
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    feed_in_pieces(*stream, bytes);
    const StreamReport report = stream->finish();
    check_report(report);
    RC_ASSERT(report.end == End::none);
  }));
}

TEST_CASE("success takes a final event that says so") {
  REQUIRE(rc::check([] {
    const bool is_claude = *rc::gen::element(true, false);
    const auto stream = is_claude ? make_claude_stream() : make_codex_stream();
    const auto picks = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, kLines.size()));
    std::string text;
    bool is_told = false;
    for (const std::size_t pick : picks) {
      text += kLines.at(pick) + "\n";
      is_told = is_told || pick == (is_claude ? 0U : 1U);
    }
    const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    feed_in_pieces(*stream, std::string_view(text).substr(0, cut));
    const StreamReport report = stream->finish();
    check_report(report);
    if (!is_told) RC_ASSERT(report.end != End::success);
  }));
}

TEST_CASE("a stream with one byte changed means success only when its end is whole") {
  REQUIRE(rc::check([] {
    std::string text = kLines[4] + "\n" + kLines[9] + "\n" + kLines[0] + "\n";
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
