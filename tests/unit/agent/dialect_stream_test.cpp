// SPDX-License-Identifier: MIT
// What is the same for the dialects of kind `command`; each one's peculiarities stand behind it.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "agent/attempt_outcome.hpp"

using namespace konductor;
using namespace konductor::agent;
using End = StreamReport::End;

namespace {

std::string recording(const std::string& dialect, const std::string& name) {
  std::ifstream file(KONDUCTOR_SOURCE_DIR "/tests/recordings/" + dialect + "/" + name + ".jsonl");
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::unique_ptr<AgentStream> stream_of(const std::string& dialect) {
  config::RuntimeSettings runtime;
  runtime.dialect = dialect;
  auto stream = make_agent_stream(runtime);
  REQUIRE(stream != nullptr);
  return stream;
}

StreamReport read(const std::string& dialect, std::string_view text) {
  const auto stream = stream_of(dialect);
  stream->feed(text);
  return stream->finish();
}

StreamProgress progress_of(const std::string& dialect, std::string_view text) {
  const auto stream = stream_of(dialect);
  stream->feed(text);
  return stream->progress();
}

std::string cause_of(const StreamReport& report, int exit_code) {
  OutcomeFacts facts;
  facts.exit_code = exit_code;
  facts.report = report;
  facts.has_document = true;
  return decide_outcome(facts).cause;
}

}  // namespace

TEST_CASE("dialects: a run that did its work") {
  const auto [dialect, session, cost] = GENERATE(table<std::string, std::string, double>({
      {"opencode", "ses_7d2e51c0affeKq3TnVbW8yLmZa", 0.005},
      {"gemini", "5b1f0c6e-3a52-4d0e-9f57-20c4a1d8e6b3", 0},
      {"qwen", "c0a8e2f4-6b1d-4e37-8f90-1d2c3b4a5968", 0},
      {"pi", "019a5f00-1c2d-7e3f-8a4b-5c6d7e8f9012", 0.005},
  }));
  CAPTURE(dialect);
  const std::string text = recording(dialect, "success");
  const StreamReport report = read(dialect, text);
  CHECK(report.end == End::success);
  CHECK(report.message == "DONE wrote it");
  CHECK(report.session == session);
  CHECK(report.cause.empty());
  CHECK(report.detail.empty());
  // Two requests; what came from the cache is told apart from the input.
  CHECK(report.usage.input_tokens == 2000);
  CHECK(report.usage.output_tokens == 100);
  CHECK(report.usage.cache_read_tokens == 400);
  CHECK(report.usage.cost_usd == Approx(cost));
  CHECK(progress_of(dialect, text) == StreamProgress{1, 1});
  CHECK(cause_of(report, 0) == "done");
  CHECK(cause_of(report, 1) == "crashed");
}

TEST_CASE("dialects: how a request fails") {
  const std::string dialect = GENERATE("opencode", "gemini", "qwen", "pi");
  const auto [name, cause] = GENERATE(table<std::string, std::string>({
      {"rate-limited", "quota"},
      {"overloaded", "overloaded"},
      {"key-refused", "auth"},
      {"prompt-too-long", "context_too_long"},
      {"bad-request", ""},
  }));
  CAPTURE(dialect, name);
  const StreamReport report = read(dialect, recording(dialect, name));
  CHECK(report.end == End::failure);
  CHECK(report.cause == cause);
  CHECK_FALSE(report.detail.empty());
  CHECK(report.message.empty());
  CHECK_FALSE(report.session.empty());
  // pi exits with 0, gemini with the status modulo 256: the event decides.
  for (const int exit_code : {0, 1, 173})
    CHECK(cause_of(report, exit_code) == (cause.empty() ? "crashed" : cause));
}

TEST_CASE("dialects: a stream that is cut has no good end, whatever the exit code") {
  const auto [dialect, at_exit_0] = GENERATE(table<std::string, std::string>({
      {"opencode", "protocol_error"},
      {"gemini", "network"},
      {"qwen", "protocol_error"},
      {"pi", "network"},
  }));
  CAPTURE(dialect);
  CHECK(cause_of(read(dialect, recording(dialect, "stream-cut")), 0) == at_exit_0);
}

TEST_CASE("dialects: without the line that says so no recorded stream has a good end") {
  const auto [dialect, marker] = GENERATE(table<std::string, std::string>({
      {"opencode", "\"stop\""},
      {"gemini", "\"result\""},
      {"qwen", "\"result\""},
      {"pi", "\"message_end\",\"message\":{\"role\":\"assistant\""},
  }));
  CAPTURE(dialect);
  const std::string text = recording(dialect, "success");
  const std::size_t begin = text.rfind('\n', text.rfind(marker)) + 1;
  for (std::size_t size = begin; size < text.find('\n', begin); size += 7)
    REQUIRE(read(dialect, text.substr(0, size)).end == End::none);
}

TEST_CASE("dialects: calls of the model that are made again are steps, and no loop of tools") {
  const auto [dialect, steps] =
      GENERATE(table<std::string, int>({{"opencode", 3}, {"qwen", 3}, {"pi", 1}}));
  CAPTURE(dialect);
  CHECK(progress_of(dialect, recording(dialect, "stream-cut")) == StreamProgress{steps, 0});
}

TEST_CASE("dialects: the same call in a row is counted") {
  const auto [dialect, head, tail] = GENERATE(table<std::string, std::string, std::string>({
      {"opencode",
       R"({"type":"tool_use","part":{"tool":"bash","state":{"status":"x","input":{"a":)",
       R"(},"output":"different"}}})"},
      {"gemini", R"({"type":"tool_use","tool_name":"run","tool_id":"x","parameters":{"a":)", "}}"},
      {"qwen",
       R"({"type":"assistant","message":{"content":[{"type":"tool_use","name":"run","input":{"a":)",
       "}}]}}"},
      {"pi", R"({"type":"tool_execution_start","toolCallId":"x","toolName":"run","args":{"a":)",
       "}}"},
  }));
  CAPTURE(dialect);
  const auto call = [&head = head, &tail = tail](const std::string& input) {
    return head + input + tail + "\n";
  };
  const auto stream = stream_of(dialect);
  for (int n = 1; n <= 5; ++n) {
    stream->feed(call(R"("]}\"")"));
    CHECK(stream->progress() == StreamProgress{n, n});
  }
  stream->feed(call("2"));
  CHECK(stream->progress() == StreamProgress{6, 1});
}

TEST_CASE("opencode: a rejected permission ends it with exit 0 and is no success") {
  const StreamReport report = read("opencode", recording("opencode", "permission-rejected"));
  CHECK(report.end == End::none);
  CHECK(report.detail == "its last step ended with tool-calls");
  CHECK(cause_of(report, 0) == "protocol_error");
}

TEST_CASE("opencode: success takes a last step that stopped, and no error anywhere") {
  const std::string stop = R"({"type":"step_finish","part":{"reason":"stop"}})"
                           "\n";
  const std::string start = R"({"type":"step_start","sessionID":"ses_1"})"
                            "\n";
  const std::string error = R"({"type":"error","error":{"name":"UnknownError"}})"
                            "\n";
  CHECK(read("opencode", stop).end == End::success);
  CHECK(read("opencode", stop + start).end == End::none);
  CHECK(read("opencode", error + stop).end == End::failure);
  CHECK(read("opencode", stop + error).detail == "UnknownError");
  CHECK(read("opencode", stop + R"({"type":"error"})").end == End::failure);
  CHECK(read("opencode", R"({"type":"step_finish","part":{"reason":"length"}})").end == End::none);
  const StreamReport filtered =
      read("opencode", R"({"type":"step_finish","part":{"reason":"content-filter"}})");
  CHECK(filtered.end == End::failure);
  CHECK(filtered.cause == "refused");
  const StreamReport no_login =
      read("opencode", R"({"type":"error","error":{"name":"ProviderAuthError"}})");
  CHECK(no_login.cause == "auth");
}

TEST_CASE("opencode: its last words are the texts of its last step") {
  const auto text = [](const std::string& words) {
    return R"({"type":"text","part":{"type":"text","text":")" + words + "\"}}\n";
  };
  const std::string start = "{\"type\":\"step_start\"}\n";
  const std::string stop = R"({"type":"step_finish","part":{"reason":"stop"}})";
  CHECK(read("opencode", start + text("old") + start + text("a") + text(R"(b\n\ud83d)") + stop)
            .message == "a\nb\n\xEF\xBF\xBD");
}

TEST_CASE("gemini: only status success is one, and another turn takes it back") {
  const std::string init = R"({"type":"init","session_id":"s"})"
                           "\n";
  const std::string good = R"({"type":"result","status":"success"})"
                           "\n";
  CHECK(read("gemini", init + good).end == End::success);
  CHECK(read("gemini", init + good + init).end == End::none);
  CHECK(read("gemini", R"({"type":"result"})").end == End::failure);
  CHECK(read("gemini", R"({"type":"result","status":true})").detail == "its result is \"\"");
  const std::string warning = R"({"type":"error","severity":"warning","message":"429 loop"})"
                              "\n";
  CHECK(read("gemini", init + warning).detail.empty());
}

TEST_CASE("gemini: its last words are the pieces since its last tool") {
  const auto piece = [](const std::string& words, const std::string& more) {
    return R"({"type":"message","role":"assistant","content":")" + words + "\"" + more + "}\n";
  };
  const std::string delta = ",\"delta\":true";
  const std::string end = R"({"type":"result","status":"success"})";
  const std::string tool = R"({"type":"tool_use","tool_name":"ls","parameters":{}})"
                           "\n";
  CHECK(read("gemini",
             piece("old", delta) + tool + piece("a\\u00e4", delta) + piece("b", delta) + end)
            .message ==
        "a\xC3\xA4"
        "b");
  CHECK(read("gemini", piece("a", delta) + piece("whole", "") + end).message == "whole");
}

TEST_CASE("qwen: success takes every field of it") {
  const std::string head = R"({"type":"result","subtype":)";
  CHECK(read("qwen", head + R"("success","is_error":false})").end == End::success);
  CHECK(read("qwen", head + R"("success"})").end == End::failure);
  CHECK(read("qwen", head + R"("error_max_turns","is_error":false})").end == End::failure);
  const std::string of_sub_agent =
      head + R"("success","is_error":false,"parent_tool_use_id":"t1"})";
  CHECK(read("qwen", of_sub_agent).end == End::none);
}

TEST_CASE("pi: the last message decides, not those that were tried again") {
  const StreamReport report = read("pi", recording("pi", "recovered"));
  CHECK(report.end == End::success);
  CHECK(report.message == "DONE wrote it");
  const auto message = [](const std::string& reason) {
    return R"({"type":"message_end","message":{"role":"assistant","stopReason":")" + reason +
           "\"}}\n";
  };
  CHECK(read("pi", message("stop")).end == End::success);
  CHECK(read("pi", message("stop") + "{\"type\":\"turn_start\"}\n").end == End::none);
  CHECK(read("pi", message("stop") + message("toolUse")).end == End::none);
  CHECK(read("pi", message("length")).detail == "its last message ended with length");
  CHECK(read("pi", message("aborted")).end == End::failure);
  CHECK(read("pi", R"({"type":"message_end","message":{"role":"user","stopReason":"stop"}})").end ==
        End::none);
}

TEST_CASE("claude: a prompt that the provider will not answer is refused") {
  const StreamReport report = read(
      "claude",
      R"({"type":"result","subtype":"success","is_error":false,"stop_reason":"refusal","result":"no"})");
  CHECK(report.end == End::failure);
  CHECK(report.cause == "refused");
  CHECK(report.detail == "no");
}
