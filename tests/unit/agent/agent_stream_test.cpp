// SPDX-License-Identifier: MIT
// What every reader of a stream does, whatever the agent.
#include "agent/agent_stream.hpp"

#include <catch2/catch.hpp>

#include "agent/last_message.hpp"
#include "agent/provider_message.hpp"

using namespace konductor;
using namespace konductor::agent;
using End = StreamReport::End;

namespace {

constexpr std::string_view kSuccess =
    R"({"type":"result","subtype":"success","is_error":false,"result":"all done"})";

StreamReport read(std::string_view text) {
  const auto stream = make_claude_stream();
  stream->feed(text);
  return stream->finish();
}

}  // namespace

TEST_CASE("only what has a protocol has a reader") {
  const auto has_reader = [](config::RuntimeKind kind, const std::string& dialect) {
    config::RuntimeSettings runtime;
    runtime.kind = kind;
    runtime.dialect = dialect;
    return make_agent_stream(runtime) != nullptr;
  };
  CHECK(has_reader(config::RuntimeKind::claude, ""));
  CHECK(has_reader(config::RuntimeKind::codex, ""));
  CHECK_FALSE(has_reader(config::RuntimeKind::replay, ""));
  CHECK(has_reader(config::RuntimeKind::acp, ""));
  CHECK_FALSE(has_reader(config::RuntimeKind::command, ""));
  for (const std::string_view dialect : config::kDialects)
    CHECK(has_reader(config::RuntimeKind::command, std::string(dialect)) == (dialect != "text"));
}

TEST_CASE("pieces of any size make the same lines") {
  const std::string text = "noise\n" + std::string(kSuccess) + "\r\n\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const auto stream = make_claude_stream();
    for (std::size_t at = 0; at < text.size(); at += size)
      stream->feed(std::string_view(text).substr(at, size));
    const StreamReport report = stream->finish();
    REQUIRE(report.end == End::success);
    REQUIRE(report.message == "all done");
  }
}

TEST_CASE("a last line without its line break counts, a part of it does not") {
  CHECK(read(kSuccess).end == End::success);
  for (std::size_t size = 0; size < kSuccess.size(); ++size)
    REQUIRE(read(kSuccess.substr(0, size)).end == End::none);
}

TEST_CASE("a line that is too long is passed over, and what follows is read") {
  const auto stream = make_claude_stream();
  const std::string piece(std::size_t{1} << 20U, 'x');
  stream->feed(R"({"type":"result","subtype":"success","is_error":false,"result":")");
  for (int i = 0; i < 17; ++i)
    stream->feed(piece);
  stream->feed("\"}\n");
  CHECK(stream->skipped_lines() == 1);
  SECTION("nothing else was said") {
    CHECK(stream->finish().end == End::none);
  }
  SECTION("the end comes later") {
    stream->feed(kSuccess);
    CHECK(stream->finish().end == End::success);
  }
}

TEST_CASE("a line just short enough is read") {
  const std::string head = R"({"type":"result","subtype":"success","is_error":false,"result":")";
  const std::string text(AgentStream::kLineBytesMax - head.size() - 2, 'x');
  const StreamReport report = read(head + text + "\"}\n");
  CHECK(report.end == End::success);
  CHECK(report.message.size() == text.size());
}

TEST_CASE("a text that was cut in the middle of a character does not lose its line") {
  const std::string head = R"({"type":"result","subtype":"success","is_error":false,"result":")";
  const auto [cut, whole] = GENERATE(table<std::string, std::string>({
      {R"(half \ud83d")", "half \xEF\xBF\xBD"},
      {R"(half \ude00 other")", "half \xEF\xBF\xBD other"},
      {R"(two \ud83d\ud83d\ude00")", "two \xEF\xBF\xBD\xF0\x9F\x98\x80"},
      {R"(no escape \\ud83d \ud83d")", "no escape \\ud83d \xEF\xBF\xBD"},
      {"bytes \xF0\x9F\"", "bytes \xEF\xBF\xBD"},
  }));
  const StreamReport report = read(head + cut + "}\n");
  CHECK(report.end == End::success);
  CHECK(report.message.substr(0, whole.size()) == whole);
}

TEST_CASE("a line nested without end is passed over") {
  const std::string deep(std::size_t{1} << 20U, '[');
  CHECK(read(R"({"type":"result","x":)" + deep + "\n").end == End::none);
  const std::string closed = deep.substr(0, 100'000) + std::string(100'000, ']');
  CHECK(read(R"({"type":"result","subtype":"success","is_error":false,"x":)" + closed + "}").end ==
        End::success);
}

TEST_CASE("a document may be a message, or the one fence that a message is") {
  const std::string document = "# Review\n\n## Verdict: pass\n";
  CHECK(document_of_message(document) == document);
  CHECK(document_of_message("```markdown\n" + document + "```\n") == document);
  CHECK(document_of_message("\n~~~~\n" + document + "```sh\nls\n```\n~~~~") ==
        document + "```sh\nls\n```\n");
  const std::string two = "```\na\n```\ntext\n```\nb\n```";
  CHECK(document_of_message(two) == two);
  CHECK(document_of_message("Here it is:\n```\na\n```") == "Here it is:\n```\na\n```");
  CHECK(document_of_message("").empty());
}

TEST_CASE("what providers say of their refusals is told apart") {
  const auto [message, cause] = GENERATE(table<std::string, std::string>({
      {"Invalid API key · Please run /login", "auth"},
      {"unexpected status 401 Unauthorized: no, url: http://127.0.0.1/v1", "auth"},
      {"Credit balance is too low", "auth"},
      {"You exceeded your current quota, please check your plan", "auth"},
      {"You exceeded your current quota. See https://ai.google.dev/gemini-api/docs/rate-limits.",
       "quota"},
      {"[API Error: slow down] To increase your limits, request a quota increase through AI Studio",
       "quota"},
      {"You have exhausted your daily quota on this model.", "quota"},
      {"You have exhausted your capacity on this model. Your quota will reset after 3h.", "quota"},
      {"You've hit your usage limit. Try again at 3 PM.", "quota"},
      {"exceeded retry limit, last status: 429 Too Many Requests", "quota"},
      {"unexpected status 529 <unknown status code>: no", "overloaded"},
      {"last status: 503 Service Unavailable", "overloaded"},
      {"Overloaded", "overloaded"},
      {"prompt is too long: 250000 tokens > 200000 maximum", "context_too_long"},
      {"stream disconnected before completion", "network"},
      {"[API Error: 401 no]", "auth"},
      {R"([API Error: {"error":{"code":429,"message":"no"}}])", "quota"},
      {R"(503: {"type":"server_error","code":null})", "overloaded"},
      {R"(429: {"type":"insufficient_quota"})", "auth"},
      {R"({"code":400,"message":"API key not valid."})", "auth"},
      {"exceeds the maximum number of tokens allowed", "context_too_long"},
      {"Your prompt was flagged as potentially violating our usage policy.", "refused"},
      {"Stream ended without finish_reason", "network"},
      {"request to http://127.0.0.1 failed, reason: connect ECONNREFUSED", "network"},
      {"400: scripted bad request", ""},
      {"write failed: Disk quota exceeded", ""},
      {"status 1429 of 2000", ""},
      {"status", ""},
      {"", ""},
  }));
  CAPTURE(message);
  CHECK(cause_of_message(message) == cause);
}

TEST_CASE("an answer's status says more than its words, but for an account without money") {
  CHECK(cause_of_answer(529, "slow down: rate limit") == "overloaded");
  CHECK(cause_of_answer(400, "prompt is too long") == "context_too_long");
  CHECK(cause_of_answer(0, "Overloaded") == "overloaded");
  CHECK(cause_of_answer(429, "slow down") == "quota");
  CHECK(cause_of_answer(429, "Your credit balance is too low") == "auth");
  CHECK(cause_of_answer(413, "") == "context_too_long");
  CHECK(cause_of_answer(400, "").empty());
}

TEST_CASE("the time at which a limit is lifted is believed when it can be one") {
  CHECK(reset_time("Claude AI usage limit reached|1767225600") == 1767225600);
  CHECK(reset_time("a|b| 1767225600 \n") == 1767225600);
  CHECK_FALSE(reset_time("usage limit reached"));
  CHECK_FALSE(reset_time("limit|soon"));
  CHECK_FALSE(reset_time("limit|12"));
  CHECK_FALSE(reset_time("limit|1767225600000"));
  CHECK_FALSE(reset_time("limit|99999999999999999999"));
}

TEST_CASE("a session's name is believed when it can be an argument") {
  const auto session_of = [](const std::string& id) {
    return read(R"({"type":"system","subtype":"init","session_id":")" + id + "\"}\n").session;
  };
  CHECK(session_of("0199a213-81c0-7800-8aa1-bbab2a035a53") ==
        "0199a213-81c0-7800-8aa1-bbab2a035a53");
  CHECK(session_of("ses_5f1ab2c3d4eXYZ") == "ses_5f1ab2c3d4eXYZ");
  CHECK(session_of("").empty());
  CHECK(session_of("--dangerous").empty());
  CHECK(session_of("a b").empty());
  CHECK(session_of("../x").empty());
  CHECK(session_of(R"(a\nb)").empty());
  CHECK(session_of(std::string(129, 'a')).empty());
}
