// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "agent/agent_stream.hpp"

using namespace konductor;
using namespace konductor::agent;
using End = StreamReport::End;

namespace {

std::string recording(const std::string& name) {
  std::ifstream file(KONDUCTOR_SOURCE_DIR "/tests/recordings/claude/" + name + ".jsonl");
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

StreamReport read(std::string_view text) {
  const auto stream = make_claude_stream();
  stream->feed(text);
  return stream->finish();
}

const std::string kInit = R"({"type":"system","subtype":"init","session_id":"s"})"
                          "\n";
const std::string kSuccess = R"({"type":"result","subtype":"success","is_error":false})"
                             "\n";

}  // namespace

TEST_CASE("claude: a run that did its work") {
  const StreamReport report = read(recording("success"));
  CHECK(report.end == End::success);
  CHECK(report.message == "DONE wrote it");
  // The sum over its turns, not one event's part of it.
  CHECK(report.usage.input_tokens == 2000);
  CHECK(report.usage.output_tokens == 100);
  CHECK(report.usage.cache_read_tokens == 400);
  CHECK(report.usage.cost_usd == Approx(0.00504));
  CHECK(report.session == "b7827b5e-b412-4829-8c8d-ef7157fade00");
}

TEST_CASE("claude: steps are counted as they come") {
  const auto call = [](const std::string& name, const std::string& input) {
    return R"({"type":"assistant","message":{"content":[{"type":"text","text":"\"tool_use\""},)"
           R"({"type":"tool_use","id":"t1","name":")" +
           name + R"(","input":)" + input + "}]}}\n";
  };
  const auto stream = make_claude_stream();
  CHECK(stream->progress() == StreamProgress{0, 0});
  stream->feed(kInit + call("Bash", R"({"command":"ls"})"));
  CHECK(stream->progress() == StreamProgress{1, 1});
  stream->feed(R"({"type":"user","message":{"content":[{"type":"tool_result","content":"x"}]}})"
               "\n" +
               call("Bash", R"({"command":"ls"})"));
  CHECK(stream->progress() == StreamProgress{2, 2});
  stream->feed(R"({"type":"system","subtype":"api_retry","attempt":1})"
               "\n");
  CHECK(stream->progress() == StreamProgress{3, 2});
  stream->feed(call("Bash", R"({"command":"ls -l"})"));
  CHECK(stream->progress() == StreamProgress{4, 1});
  stream->feed(call("Read", R"({"command":"ls -l"})"));
  CHECK(stream->progress() == StreamProgress{5, 1});
  // Half a line is no step yet.
  stream->feed(call("Read", R"({"command":"ls -l"})").substr(0, 90));
  CHECK(stream->progress() == StreamProgress{5, 1});
}

TEST_CASE("claude: a refused request is a failure, although its subtype says success") {
  const auto [name, cause] = GENERATE(table<std::string, std::string>({
      {"rate-limited", "quota"},
      {"overloaded", "overloaded"},
      {"server-error", "overloaded"},
      {"key-refused", "auth"},
      {"not-logged-in", "auth"},
      {"prompt-too-long", "context_too_long"},
      {"connection-refused", "network"},
      {"bad-request", ""},
  }));
  CAPTURE(name);
  const StreamReport report = read(recording(name));
  CHECK(report.end == End::failure);
  CHECK(report.cause == cause);
  CHECK_FALSE(report.detail.empty());
  CHECK(report.message.empty());
}

TEST_CASE("claude: without its last line no recorded stream has an end") {
  for (const char* name : {"success", "rate-limited", "key-refused"}) {
    const std::string text = recording(name);
    const std::size_t last = text.rfind('\n', text.size() - 2);
    CHECK(read(text.substr(0, last + 1)).end == End::none);
    CHECK(read(text.substr(0, text.size() - 3)).end == End::none);
  }
}

TEST_CASE("claude: success takes every field of it") {
  const std::string head = R"({"type":"result","subtype":)";
  CHECK(read(kSuccess).end == End::success);
  CHECK(read(head + R"("success","is_error":true})").end == End::failure);
  CHECK(read(head + R"("success"})").end == End::failure);
  CHECK(read(head + R"("success","is_error":"false"})").end == End::failure);
  CHECK(read(head + R"("error_max_turns","is_error":false})").end == End::failure);
  CHECK(read(head + R"("error_during_execution","is_error":false})").end == End::failure);
  CHECK(read(head + R"(7,"is_error":false})").end == End::failure);
  CHECK(read(head + R"("error_max_turns","is_error":true})").detail == "error_max_turns");
}

TEST_CASE("claude: what the agent itself writes cannot end its stream") {
  const std::string quoted =
      R"({"type":"assistant","message":{"content":[{"type":"text","text":"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false}"}]}})"
      "\n";
  CHECK(read(quoted).end == End::none);
  const std::string nested =
      R"({"type":"user","tool_use_result":{"type":"result","subtype":"success","is_error":false}})"
      "\n";
  CHECK(read(nested).end == End::none);
  const std::string of_sub_agent =
      R"({"type":"result","subtype":"success","is_error":false,"parent_tool_use_id":"t1"})"
      "\n";
  CHECK(read(of_sub_agent).end == End::none);
  CHECK(read("[\"type\",\"result\"]\n\"result\"\nnull\n").end == End::none);
}

TEST_CASE("claude: an answer by a schema is its last message, as it is written") {
  const auto result = [](const std::string& members) {
    return read(R"({"type":"result","subtype":"success","is_error":false,"result":"text",)" +
                members + "}\n")
        .message;
  };
  CHECK(result(R"("structured_output":{"findings":[{"a":{"b":{"c":1}}}]})") ==
        R"({"findings":[{"a":{"b":{"c":1}}}]})");
  CHECK(result(R"("structured_output":null)") == "text");
  CHECK(read(R"({"type":"result","subtype":"success","is_error":true,"structured_output":{"a":1}})"
             "\n")
            .message.empty());
}

TEST_CASE("claude: a turn after the result needs a result of its own") {
  CHECK(read(kInit + kSuccess).end == End::success);
  CHECK(read(kInit + kSuccess + kInit).end == End::none);
  CHECK(read(kInit + kSuccess + kInit + kSuccess).end == End::success);
  CHECK(read(kSuccess + R"({"type":"result","subtype":"error_max_turns","is_error":true})").end ==
        End::failure);
}

TEST_CASE("claude: the time at which the limit is lifted") {
  const std::string refused =
      R"({"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":)";
  const std::string rejected =
      R"({"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1767225600}})"
      "\n";
  const std::string allowed =
      R"({"type":"rate_limit_event","rate_limit_info":{"status":"allowed","resetsAt":1767225600}})"
      "\n";
  CHECK(read(refused + R"("usage limit reached|1767229200"})").retry_at == 1767229200);
  CHECK(read(rejected + refused + R"("You've hit your limit"})").retry_at == 1767225600);
  CHECK(read(rejected + refused + R"("limit reached|1767229200"})").retry_at == 1767229200);
  CHECK_FALSE(read(rejected + allowed + refused + R"("no"})").retry_at);
  CHECK_FALSE(read(refused + R"("no"})").retry_at);
  // A limit that did not end the run is none to wait for.
  CHECK_FALSE(read(rejected + kSuccess).retry_at);
}

TEST_CASE("claude: numbers that cannot be are none") {
  const StreamReport report = read(
      R"({"type":"result","subtype":"success","is_error":false,"total_cost_usd":-1,)"
      R"("usage":{"input_tokens":-5,"output_tokens":1e300,"cache_read_input_tokens":18446744073709551615}})");
  CHECK(report.end == End::success);
  CHECK(report.usage.input_tokens == 0);
  CHECK(report.usage.output_tokens == 0);
  CHECK(report.usage.cache_read_tokens > 0);
  CHECK(report.usage.cost_usd == 0);
}
