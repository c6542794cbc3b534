// SPDX-License-Identifier: MIT
#include "agent/transcript.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

using namespace konductor;         // NOLINT
using namespace konductor::agent;  // NOLINT
using Kind = TranscriptEntry::Kind;
using Catch::Matchers::Contains;
using Entries = std::vector<TranscriptEntry>;

namespace {

std::string recording(const std::string& dialect, const std::string& name) {
  std::ifstream file(KONDUCTOR_SOURCE_DIR "/tests/recordings/" + dialect + "/" + name + ".jsonl");
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Entries read(std::string_view dialect, std::string_view text, std::size_t piece = 1 << 20) {
  Entries entries;
  const auto tell = [&](const TranscriptEntry& entry) { entries.push_back(entry); };
  Transcript transcript(dialect);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    transcript.feed(text.substr(0, piece), tell);
  transcript.finish(tell);
  return entries;
}

// The texts of one kind.
std::vector<std::string> texts(const Entries& entries, Kind kind) {
  std::vector<std::string> all;
  for (const TranscriptEntry& entry : entries)
    if (entry.kind == kind) all.push_back(entry.text);
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("every dialect's success is told with its words, calls, results and usage") {
  for (const std::string dialect : {"claude", "codex", "opencode", "gemini", "qwen", "pi"}) {
    INFO(dialect);
    const Entries entries = read(dialect, recording(dialect, "success"));
    CHECK(texts(entries, Kind::message) == Texts{"Writing.", "DONE wrote it"});
    const auto calls = texts(entries, Kind::tool_call);
    REQUIRE(calls.size() == 1);
    CHECK_THAT(calls[0], Contains("/home/ada/project/hello.txt"));
    CHECK(texts(entries, Kind::tool_result).size() == 1);
    CHECK(texts(entries, Kind::error).empty());
    CHECK(texts(entries, Kind::output).empty());
    CHECK_THAT(texts(entries, Kind::session).at(0), Contains("session "));
    const auto usage = std::find_if(entries.begin(), entries.end(),
                                    [](const auto& entry) { return entry.kind == Kind::usage; });
    REQUIRE(usage != entries.end());
    CHECK(usage->usage.input_tokens == 2000);
    CHECK(usage->usage.output_tokens == 100);
    CHECK(usage->usage.cache_read_tokens == 400);
  }
}

TEST_CASE("it does not matter in which pieces a stream comes, nor whether its dialect is known") {
  for (const std::string dialect : {"claude", "codex", "opencode", "gemini", "qwen", "pi"}) {
    INFO(dialect);
    const std::string text = recording(dialect, "success");
    CHECK(read(dialect, text, 7) == read(dialect, text));
    CHECK(read("text", text) == read(dialect, text));
  }
}

TEST_CASE("what went wrong is told in the provider's words") {
  CHECK_THAT(texts(read("claude", recording("claude", "prompt-too-long")), Kind::error).at(0),
             Contains("too long"));
  CHECK_THAT(texts(read("codex", recording("codex", "key-refused")), Kind::error).at(0),
             Contains("401 Unauthorized"));
  CHECK_THAT(texts(read("codex", recording("codex", "key-refused")), Kind::note).at(0),
             Contains("Reconnecting"));
  CHECK(texts(read("opencode", recording("opencode", "bad-request")), Kind::error) ==
        Texts{"scripted bad request"});
  CHECK(texts(read("gemini", recording("gemini", "stream-cut")), Kind::error) ==
        Texts{"Model stream ended without a finish reason."});
  CHECK_THAT(texts(read("qwen", recording("qwen", "rate-limited")), Kind::error).at(0),
             Contains("429 slow down"));
  CHECK_THAT(texts(read("pi", recording("pi", "overloaded")), Kind::error).at(0), Contains("529"));
  CHECK(texts(read("pi", recording("pi", "recovered")), Kind::note) ==
        Texts{"a request failed and is made again"});
}

TEST_CASE("a tool that failed is told so") {
  const Entries refused = read("opencode", recording("opencode", "permission-rejected"));
  const auto result = std::find_if(refused.begin(), refused.end(), [](const auto& entry) {
    return entry.kind == Kind::tool_result;
  });
  REQUIRE(result != refused.end());
  CHECK(result->is_failed);
  CHECK_THAT(result->text, Contains("rejected permission"));
  const Entries exited = read(
      "codex",
      R"({"type":"item.completed","item":{"id":"i","type":"command_execution","command":"make",)"
      R"("aggregated_output":"no rule","exit_code":2,"status":"failed"}})");
  REQUIRE(exited.size() == 2);
  CHECK(exited[0].text == "make");
  CHECK(exited[1].text == "no rule\nexit 2");
  CHECK(exited[1].is_failed);
}

TEST_CASE("codex: files, lists, servers' tools and searches") {
  const Entries entries =
      read("codex",
           R"({"type":"item.completed","item":{"id":"1","type":"reasoning","text":"hm"}}
{"type":"item.completed","item":{"id":"2","type":"file_change","changes":[{"path":"a.c","kind":"add"},{"path":"b.c","kind":"update"}],"status":"completed"}}
{"type":"item.completed","item":{"id":"3","type":"todo_list","items":[{"text":"one","completed":true},{"text":"two","completed":false}]}}
{"type":"item.completed","item":{"id":"4","type":"mcp_tool_call","server":"docs","tool":"find","arguments":{"query":"x"},"result":{"content":[{"type":"text","text":"found"}]},"status":"completed"}}
{"type":"item.completed","item":{"id":"5","type":"web_search","query":"y"}}
)");
  CHECK(texts(entries, Kind::thinking) == Texts{"hm"});
  CHECK(texts(entries, Kind::note) == Texts{"its list:\n[x] one\n[ ] two"});
  CHECK(texts(entries, Kind::tool_call) == Texts{"add a.c, update b.c", "x", "y"});
  CHECK(texts(entries, Kind::tool_result) == Texts{"found"});
}

TEST_CASE("claude: thoughts, agents below, retries and blocks of text") {
  const Entries entries = read("claude",
                               R"({"type":"system","subtype":"api_retry","error":"overloaded"}
{"type":"assistant","parent_tool_use_id":"t1","message":{"content":[{"type":"thinking","thinking":"well"},{"type":"tool_use","name":"Task","input":{}}]}}
{"type":"user","message":{"content":[{"type":"text","text":"the prompt"}]}}
{"type":"user","message":{"content":[{"type":"tool_result","is_error":true,"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}}
{"type":"rate_limit_event"}
)");
  REQUIRE(entries.size() == 4);
  CHECK(entries[0].text == "a request failed (overloaded) and is made again");
  CHECK(entries[1].kind == Kind::thinking);
  CHECK(entries[1].is_nested);
  CHECK(entries[2].tool == "Task");
  CHECK(entries[3].text == "a\nb");
  CHECK(entries[3].is_failed);
}

TEST_CASE("acp: what a session said before it was loaded is passed over") {
  const std::string old =
      R"({"type":"agent","message":{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"agent_message_chunk","content":{"text":"old"}}}}})"
      "\n";
  const std::string now =
      R"({"type":"session","session_id":"s","can_resume":true}
{"type":"agent","message":{"method":"session/update","params":{"update":{"sessionUpdate":"agent_thought_chunk","content":{"text":"hm"}}}}}
{"type":"agent","message":{"method":"session/update","params":{"update":{"sessionUpdate":"agent_message_chunk","content":{"text":"I wri"}}}}}
{"type":"agent","message":{"method":"session/update","params":{"update":{"sessionUpdate":"agent_message_chunk","content":{"text":"te."}}}}}
{"type":"agent","message":{"method":"session/update","params":{"update":{"sessionUpdate":"tool_call","toolCallId":"c","title":"Write a.c","kind":"edit","rawInput":{"path":"a.c"}}}}}
{"type":"permission","title":"Write a.c","is_allowed":false,"reason":"may not write"}
{"type":"agent","message":{"method":"session/update","params":{"update":{"sessionUpdate":"tool_call_update","toolCallId":"c","status":"failed","content":[{"type":"content","content":{"type":"text","text":"no"}},{"type":"diff","path":"a.c"}]}}}}
{"type":"agent","message":{"method":"session/update","params":{"update":{"sessionUpdate":"plan","entries":[{"content":"one","status":"completed"}]}}}}
{"type":"warning","message":"no choice of models"}
{"type":"result","success":false,"usage":{"input_tokens":5,"output_tokens":1,"cache_read_tokens":0},"cost_usd":0.5,"error":{"code":1,"message":"it broke"}}
)";
  const Entries entries = read("acp", old + now);
  CHECK(texts(entries, Kind::thinking) == Texts{"hm"});
  CHECK(texts(entries, Kind::message) == Texts{"I write."});
  CHECK(texts(entries, Kind::tool_call) == Texts{"Write a.c"});
  CHECK(texts(entries, Kind::tool_result) == Texts{"no\nchanged a.c"});
  CHECK(texts(entries, Kind::note) ==
        Texts{"refused: Write a.c (may not write)", "its list:\n[x] one", "no choice of models"});
  CHECK(texts(entries, Kind::error) == Texts{"it broke"});
  CHECK(entries[entries.size() - 2].usage.cost_usd == 0.5);
  CHECK(read("text", old + now) == entries);
}

TEST_CASE("what is no event is told as it stands") {
  CHECK(texts(read("text", "plain\n\n  words\r\n{\"no\": event}\nend"), Kind::output) ==
        Texts{"plain", "", "  words", "{\"no\": event}", "end"});
  CHECK(texts(read("claude", "Warning: old\n\n{broken\n[1]\n{}\n"), Kind::output) ==
        Texts{"Warning: old", "{broken", "[1]", "{}"});
}

TEST_CASE("a line without end is left out, and that is told") {
  std::string text(Transcript::kLineBytesMax + 10, 'x');
  const Entries entries = read("claude", text + "\nafter\n");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].kind == Kind::note);
  CHECK_THAT(entries[0].text, Contains(std::to_string(text.size()) + " bytes"));
  CHECK(entries[1].text == "after");
}

TEST_CASE("a call is about its command, its file or its question") {
  CHECK(tool_call_text(R"({"command":"ls -l","description":"look"})") == "ls -l");
  CHECK(tool_call_text(R"({"command":["git","log"]})") == "git log");
  CHECK(tool_call_text(R"({"content":"x","filePath":"a.c"})") == "a.c");
  CHECK(tool_call_text(R"({"depth":3})") == R"({"depth":3})");
  CHECK(tool_call_text("{}").empty());
  CHECK(tool_call_text("").empty());
  CHECK(tool_call_text("\"words\"") == "words");
}
