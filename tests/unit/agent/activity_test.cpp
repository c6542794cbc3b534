// SPDX-License-Identifier: MIT
#include "agent/activity.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "agent/agent_stream.hpp"
#include "support/golden.hpp"

using namespace konductor;
using namespace konductor::agent;

namespace {

using Make = std::unique_ptr<AgentStream> (*)();

// What an agent did one after the other, in a stream that it really printed.
std::vector<std::string> activities(Make make, const std::string& recording) {
  const auto path = std::filesystem::path(KONDUCTOR_SOURCE_DIR) / "tests/recordings" / recording;
  const std::string text = test::text_at(path);
  REQUIRE_FALSE(text.empty());
  const auto stream = make();
  stream->follow_activity();
  std::vector<std::string> all;
  for (const std::string_view line : split_lines(text)) {
    stream->feed(line);
    stream->feed("\n");
    const std::string& now = stream->activity();
    if (!now.empty() && (all.empty() || all.back() != now)) all.push_back(now);
  }
  return all;
}

}  // namespace

TEST_CASE("a tool call is told with what it is about") {
  CHECK(call_activity("Edit", R"({"old_string":"x","file_path":"src/a.cpp"})") == "Edit src/a.cpp");
  CHECK(call_activity("Bash", R"({"command":"make test\nmake all"})") == "$ make test");
  CHECK(call_activity("shell", R"({"command":["bash","-lc","ls -l"]})") == "$ bash -lc ls -l");
  CHECK(call_activity("command_execution", R"("ls -l")") == "$ ls -l");
  CHECK(call_activity("Grep", R"({"pattern":"main\\("})") == "Grep main\\(");
  CHECK(call_activity("TodoWrite", R"({"todos":[]})") == "TodoWrite");
  CHECK(call_activity("Bash", "") == "a command");
  CHECK(call_activity("Edit", "not json") == "Edit");
  CHECK(call_activity("", "").empty());
  CHECK(words_activity("\n\n  First line \nsecond") == "First line");
  CHECK(words_activity(" \n").empty());
}

TEST_CASE("agents' real streams tell what they do") {
  CHECK(activities(make_claude_stream, "claude/success.jsonl").at(1) ==
        "Write /home/ada/project/hello.txt");
  const auto codex = activities(make_codex_stream, "codex/success.jsonl");
  REQUIRE(codex.size() == 3);
  CHECK(codex.at(0) == "Writing.");
  CHECK(codex.at(1).rfind("$ /bin/bash -lc \"mkdir -p", 0) == 0);
  CHECK(codex.at(2) == "DONE wrote it");
  CHECK_FALSE(activities(make_gemini_stream, "gemini/success.jsonl").empty());
  CHECK_FALSE(activities(make_opencode_stream, "opencode/success.jsonl").empty());
  CHECK_FALSE(activities(make_qwen_stream, "qwen/success.jsonl").empty());
  CHECK_FALSE(activities(make_pi_stream, "pi/success.jsonl").empty());
}

TEST_CASE("nothing is kept of what an agent does unless somebody watches") {
  const auto stream = make_claude_stream();
  stream->feed(R"({"type":"assistant","message":{"content":[{"type":"text","text":"Hi"}]}})"
               "\n");
  CHECK(stream->activity().empty());
}
