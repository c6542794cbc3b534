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
  std::ifstream file(KONDUCTOR_SOURCE_DIR "/tests/recordings/codex/" + name + ".jsonl");
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

StreamReport read(std::string_view text) {
  const auto stream = make_codex_stream();
  stream->feed(text);
  return stream->finish();
}

const std::string kStarted = R"({"type":"turn.started"})"
                             "\n";
const std::string kCompleted = R"({"type":"turn.completed","usage":{"input_tokens":10}})"
                               "\n";
const std::string kLimit = R"({"type":"error","message":"last status: 429 Too Many Requests"})"
                           "\n";

}  // namespace

TEST_CASE("codex: a run that did its work") {
  const StreamReport report = read(recording("success"));
  CHECK(report.end == End::success);
  CHECK(report.message == "DONE wrote it");
  // Its input counts what came from the cache.
  CHECK(report.usage.input_tokens == 2000);
  CHECK(report.usage.cache_read_tokens == 400);
  CHECK(report.usage.output_tokens == 100);
  CHECK(report.usage.cost_usd == 0);
  CHECK(report.session == "01a1ff02-57e0-7ab0-9bd6-ef5e66428b2f");
}

TEST_CASE("codex: steps are counted when they are over") {
  const auto item = [](const std::string& event, const std::string& body) {
    return R"({"type":"item.)" + event + R"(","item":{"id":"item_1","type":)" + body + "}}\n";
  };
  const std::string list = R"("command_execution","command":"ls","aggregated_output":"a")";
  const auto stream = make_codex_stream();
  stream->feed(item("started", list) + item("completed", list));
  CHECK(stream->progress() == StreamProgress{1, 1});
  stream->feed(item("completed", R"("reasoning","text":"hm")") + item("completed", list));
  CHECK(stream->progress() == StreamProgress{2, 2});
  // What is written into a file is not told: two changes of one file are two.
  const std::string change = R"("file_change","changes":[{"path":"a","kind":"update"}])";
  stream->feed(item("completed", change) + item("completed", change));
  CHECK(stream->progress() == StreamProgress{4, 1});
  const std::string search = R"("mcp_tool_call","server":"s","tool":"find","arguments":{"q":1})";
  stream->feed(item("completed", search) + item("completed", search));
  CHECK(stream->progress() == StreamProgress{6, 2});
}

TEST_CASE("codex: how a turn fails") {
  const auto [name, cause] = GENERATE(table<std::string, std::string>({
      {"rate-limited", "quota"},
      {"overloaded", "overloaded"},
      {"server-error", "overloaded"},
      {"key-refused", "auth"},
      {"not-logged-in", "auth"},
      {"prompt-too-long", "context_too_long"},
      {"stream-cut", "network"},
      {"bad-request", ""},
  }));
  CAPTURE(name);
  const StreamReport report = read(recording(name));
  CHECK(report.end == End::failure);
  CHECK(report.cause == cause);
  CHECK_FALSE(report.detail.empty());
  CHECK(report.message.empty());
}

TEST_CASE("codex: without its last line no recorded stream has an end") {
  for (const char* name : {"success", "rate-limited", "stream-cut"}) {
    const std::string text = recording(name);
    const std::size_t last = text.rfind('\n', text.size() - 2);
    CHECK(read(text.substr(0, last + 1)).end == End::none);
    CHECK(read(text.substr(0, text.size() - 3)).end == End::none);
  }
}

TEST_CASE("codex: errors that something follows were warnings") {
  const std::string item = R"({"type":"item.completed","item":{"type":"error","message":"old"}})"
                           "\n";
  CHECK(read(kStarted + kLimit + item + kCompleted).end == End::success);
  CHECK(read(kStarted + kLimit + kCompleted).cause.empty());
  CHECK(read(kStarted + kLimit).end == End::none);
  CHECK(read(kStarted + kLimit).cause == "quota");
  CHECK(read(kStarted + kLimit + "anything\n").cause.empty());
}

TEST_CASE("codex: a turn after the completed one needs an end of its own") {
  CHECK(read(kStarted + kCompleted + kStarted).end == End::none);
  CHECK(read(kStarted + kCompleted + kStarted + kCompleted).end == End::success);
  CHECK(read(kStarted + kCompleted + R"({"type":"turn.failed","error":{"message":"no"}})").end ==
        End::failure);
}

TEST_CASE("codex: what the agent itself writes cannot end its stream") {
  const std::string quoted =
      R"({"type":"item.completed","item":{"type":"agent_message","text":"{\"type\":\"turn.completed\"}"}})"
      "\n";
  CHECK(read(quoted).end == End::none);
  CHECK(read(R"({"item":{"type":"turn.completed"}})").end == End::none);
  CHECK(read(R"({"type":["turn.completed"]})").end == End::none);
}
