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

std::string update(const std::string& kind, const std::string& id, const std::string& more) {
  return R"({"type":"agent","message":{"method":"session/update","params":{"sessionId":"s",)"
         R"("update":{"sessionUpdate":")" +
         kind + R"(","toolCallId":")" + id + "\"," + more + "}}}}\n";
}

std::unique_ptr<AgentStream> open_stream() {
  auto stream = make_acp_stream();
  stream->feed("{\"type\":\"session\",\"session_id\":\"s\",\"can_resume\":true}\n");
  return stream;
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
      {"-32603", "Internal error: Unauthorized", "auth"},
      {"-32603", "Internal error: No auth credentials found", "auth"},
      {"-32603", "Internal error: OpenAI API key is missing. Pass it using", "auth"},
      {"-32603", "Internal error: x: ProviderAuthError", "auth"},
      {"-32603", "Internal error: denied", ""},
      {"0", "the model's stream ended early: no answer of it was counted", "network"},
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

TEST_CASE("acp: tool calls are counted while the agent works") {
  const auto stream = open_stream();
  for (const char* id : {"1", "2"}) {
    stream->feed(update("tool_call", id, R"("title":"make","rawInput":{"a":1})"));
    stream->feed(update("tool_call_update", id, R"("status":"completed")"));
  }
  CHECK(stream->progress() == StreamProgress{2, 2});
}

TEST_CASE("acp: calls are told apart by what their updates say") {
  const auto stream = open_stream();
  int number = 0;
  for (const char* command : {"ls", "make", "make"}) {
    const std::string id = std::to_string(++number);
    const std::string input = R"("rawInput":{"command":")" + std::string(command) + R"("})";
    stream->feed(update("tool_call", id, R"("title":"Terminal","rawInput":{})"));
    stream->feed(update("tool_call_update", id, R"("title":"run",)" + input));
    stream->feed(update("tool_call_update", id, R"("status":"completed")"));
    stream->feed(update("tool_call_update", id, R"("title":"late")"));
  }
  CHECK(stream->progress() == StreamProgress{3, 2});
}

TEST_CASE("acp: a call that is asked for, or never told to end, counts too") {
  const auto stream = open_stream();
  stream->feed(
      R"({"type":"agent","message":{"method":"session/request_permission","params":{"toolCall":)"
      R"({"toolCallId":"a","title":"Writing","content":[{"type":"diff"}]}}}})"
      "\n");
  CHECK(stream->progress().steps == 1);
  stream->feed(update("tool_call_update", "a", R"("status":"completed","title":"Writing")"));
  CHECK(stream->progress() == StreamProgress{1, 1});
  for (int i = 0; i < 100; ++i)
    stream->feed(update("tool_call", std::to_string(i), R"("title":"x","rawInput":{"a":1})"));
  CHECK(stream->progress().steps == 101);
  CHECK(stream->progress().repeats > 30);
}

TEST_CASE("acp: a request that is made again and again counts") {
  const auto stream = open_stream();
  for (const char* id : {"a", "a", "b", "c"})
    stream->feed(update("agent_message_chunk", "", R"("messageId":")" + std::string(id) + "\""));
  CHECK(stream->progress() == StreamProgress{2, 0});
  stream->feed(update("tool_call", "1", R"("title":"x")"));
  stream->feed(update("agent_message_chunk", "", R"("messageId":"d")"));
  CHECK(stream->progress().steps == 3);
}

TEST_CASE("acp: what a session says while it is loaded does not count") {
  const auto stream = make_acp_stream();
  stream->feed(update("tool_call", "1", R"("title":"x","status":"completed")"));
  CHECK(stream->progress() == StreamProgress());
}

TEST_CASE("acp: a session that can be gone on with is known before the end") {
  CHECK(read(R"({"type":"session","session_id":"abc-1","can_resume":true})").session == "abc-1");
  CHECK(read(R"({"type":"session","session_id":"abc-1","can_resume":false})").session.empty());
  const std::string end = R"({"type":"result","success":true,"stop_reason":"end_turn",)";
  CHECK(read(end + R"("session_id":"abc-1","can_resume":true})").session == "abc-1");
  CHECK(read(end + R"("session_id":"abc-1"})").session.empty());
}

TEST_CASE("acp: warnings are handed on, whatever the end") {
  const StreamReport report = read(R"({"type":"warning","message":"no such model"})"
                                   "\n"
                                   R"({"type":"result","success":true,"stop_reason":"end_turn"})");
  CHECK(report.notes == std::vector<std::string>{"no such model"});
  CHECK(report.end == End::success);
  CHECK(read(R"({"type":"warning","message":"no such model"})").notes.size() == 1);
}
