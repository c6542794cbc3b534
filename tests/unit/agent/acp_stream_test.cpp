// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "agent/agent_stream.hpp"

using namespace konductor::agent;
using End = StreamReport::End;

namespace {

StreamReport read(const std::string& text) {
  const auto stream = make_acp_stream();
  stream->feed(text);
  return stream->finish();
}

StreamReport failed_with(const std::string& code, const std::string& message) {
  return read(R"({"type":"result","success":false,"stop_reason":"","error":{"code":)" + code +
              R"(,"message":")" + message + "\"}}\n");
}

}  // namespace

TEST_CASE("acp: a turn that ended well") {
  const StreamReport report =
      read(R"({"type":"agent","message":{"method":"session/update","params":{}}})"
           "\n"
           R"({"type":"result","success":true,"stop_reason":"end_turn","message":"all done",)"
           R"("usage":{"input_tokens":5,"output_tokens":6,"cache_read_tokens":7},"cost_usd":0.5})");
  CHECK(report.end == End::success);
  CHECK(report.message == "all done");
  CHECK(report.usage.input_tokens == 5);
  CHECK(report.usage.output_tokens == 6);
  CHECK(report.usage.cache_read_tokens == 7);
  CHECK(report.usage.cost_usd == 0.5);
}

TEST_CASE("acp: success needs every sign of it") {
  const std::string line =
      GENERATE(R"({"type":"result","success":true,"stop_reason":"max_tokens"})",
               R"({"type":"result","success":"true","stop_reason":"end_turn"})",
               R"({"type":"result","stop_reason":"end_turn"})",
               R"({"type":"result","success":true,"stop_reason":"end_turn","error":{}})");
  CHECK(read(line).end == End::failure);
}

TEST_CASE("acp: what the agent printed is not its end") {
  const std::string line = GENERATE(
      R"({"type":"agent","message":{"type":"result","success":true,"stop_reason":"end_turn"}})",
      R"({"type":"permission","title":"\"result\""})", "noise", "");
  CHECK(read(line).end == End::none);
}

TEST_CASE("acp: the cause is told by code or by words") {
  const auto [code, message, cause] = GENERATE(table<std::string, std::string, std::string>({
      {"429", "{}", "quota"},
      {"503", "x", "overloaded"},
      {"401", "x", "auth"},
      {"-32000", "Authentication required", "auth"},
      {"-32603", "Internal error: 401 Incorrect API key", "auth"},
      {"-32603", "Internal error: API Error: 529 Overloaded", "overloaded"},
      {"-32603", "API Error: 429 slow down", "quota"},
      {"-32603", "prompt is too long", "context_too_long"},
      {"-32603", "Internal error: 400 scripted", ""},
      {"-32603", "Internal error", ""},
      {"0", "the agent ended with exit 401 before it answered", ""},
  }));
  INFO(message);
  const StreamReport report = failed_with(code, message);
  CHECK(report.end == End::failure);
  CHECK(report.cause == cause);
  CHECK_FALSE(report.detail.empty());
}

TEST_CASE(
    "acp: tool calls are counted while the agent works, and the session is known at the end") {
  const auto stream = make_acp_stream();
  const std::string call =
      R"({"type":"agent","message":{"method":"session/update","params":{"sessionId":"s","update":)"
      R"({"sessionUpdate":"tool_call","toolCallId":"1","title":"make","rawInput":{"a":1}}}}})"
      "\n";
  stream->feed(call + call);
  CHECK(stream->progress() == StreamProgress{2, 2});
  stream->feed(R"({"type":"result","success":true,"stop_reason":"end_turn","session_id":"abc-1"})");
  CHECK(stream->finish().session == "abc-1");
}
