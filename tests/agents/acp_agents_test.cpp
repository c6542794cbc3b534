// SPDX-License-Identifier: MIT
// Real agents over the Agent Client Protocol: the example's first plan, done with their own tools,
// and what goes wrong.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agents/agent_checks.hpp"

using Catch::Matchers::Contains;
using namespace e2e;

namespace {

// A file of the recording that the example is delivered with.
std::string recorded(const std::string& path) {
  std::ifstream file(std::filesystem::path(KONDUCTOR_SOURCE_DIR) / "examples/calculator" /
                     "cassettes/good/executor" / path);
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

json write_step(const std::string& path, const std::string& content) {
  return {{"write_file", {{"path", path}, {"content", content}}}};
}

json document_step(const std::string& files) {
  return write_step("{{output}}", "## Status: DONE\n\n" + files);
}

const json kTestStep = {{"shell",
                         "cmake --preset dev && cmake --build build --target lexer_test && "
                         "ctest --test-dir build -R '^lexer$'"}};
const json kReadStep = {{"read_file", "src/lexer.cpp"}};

constexpr const char* kMark = "// A comment that says nothing.\n";
constexpr const char* kFault =
    "## Verdict: fail\n\n## Findings\n\n"
    "- [significant] src/lexer.cpp:70 — the last comment says nothing\n";

// Task 1 as it was recorded, but for a line that its reviewer finds fault with.
json first_draft() {
  const std::string from = "001-task-1/1/files/";
  json steps = json::array();
  for (const char* path : {"src/token.hpp", "src/lexer.hpp", "tests/lexer_test.cpp"})
    steps.push_back(write_step(path, recorded(from + path)));
  steps.push_back(write_step("src/lexer.cpp", recorded(from + "src/lexer.cpp") + kMark));
  steps.push_back(kTestStep);
  steps.push_back(
      document_step("## Files Created\n\n- `src/token.hpp`\n- `src/lexer.hpp`\n"
                    "- `src/lexer.cpp`\n- `tests/lexer_test.cpp`\n"));
  steps.push_back({{"text", "The lexer is there."}});
  return steps;
}

json fixed() {
  return json::array({kReadStep,
                      write_step("src/lexer.cpp", recorded("001-task-1/1/files/src/lexer.cpp")),
                      kTestStep, document_step("## Files Modified\n\n- `src/lexer.cpp`\n"),
                      json{{"text", "The comment is gone."}}});
}

json second_task() {
  const std::string from = "001-task-2/1/files/";
  return json::array(
      {kReadStep, json{{"read_file", "tests/lexer_test.cpp"}},
       write_step("src/lexer.cpp", recorded(from + "src/lexer.cpp")),
       write_step("tests/lexer_test.cpp", recorded(from + "tests/lexer_test.cpp")), kTestStep,
       document_step("## Files Modified\n\n- `src/lexer.cpp`\n- `tests/lexer_test.cpp`\n"),
       json{{"text", "Names are read."}}});
}

json review(const std::string& verdict) {
  return json::array(
      {json{{"text", "I read it."}, {"read_file", "src/lexer.cpp"}}, json{{"text", verdict}}});
}

json calculator_script() {
  return script(
      {scene("task-1-executor", first_draft(), "1"), scene("task-1-executor", fixed()),
       scene("task-2-executor", second_task()), scene("task-1-code-reviewer", review(kFault), "1"),
       scene("code-reviewer", review(kVerdict)), scene("spec-reviewer", review(kVerdict))});
}

// Written, reviewed, found fault with, fixed, reviewed again and completed.
void check_calculator(const std::string& agent) {
  if (is_skipped(agent)) return;
  AgentScenario scenario(agent, calculator_script());
  scenario.with_calculator().set("limits.timeout", "\"9m\"");
  const Ended ended = scenario.execute({"--plan", "001"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  Words reasons;
  for (const json& event : scenario.events("attempt_finished")) {
    CHECK(event.at("cause") == "done");
    CHECK(event.at("runtime") == agent);
    if (event.at("role") == "executor") reasons.push_back(event.at("reason"));
  }
  CHECK(reasons == Words{"execute", "quality_fix", "execute"});
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.is_task_filed(1, 2));
  CHECK_THAT(scenario.git({"show", "konductor/01/plan-001:src/lexer.cpp"}),
             Contains("is_letter") && !Contains(kMark));
  const json usage = scenario.events("attempt_finished").at(0).at("usage");
  CHECK(usage.at("input_tokens").get<int>() >= 1000);
}

// On a busy machine Gemini CLI does not always find a session that has just ended.
bool may_lose_sessions(const std::string& agent) {
  return agent == "gemini-acp";
}

// The fix of what was not written goes on in the session in which it was to be.
void check_resumed(const std::string& agent) {
  if (is_skipped(agent)) return;
  const json forgotten = {executor_steps().at(1), executor_steps().at(2)};
  AgentScenario scenario(
      agent, script({scene("executor", forgotten, "1"), scene("executor", executor_steps())}));
  scenario.set("features.code_review", "false").set("execution.fix_attempts", "\"resume\"");
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  const std::vector<json> finished = scenario.events("attempt_finished");
  REQUIRE(finished.size() == 2);
  CHECK_FALSE(finished.at(0).at("session").get<std::string>().empty());
  CHECK(scenario.tree().at("p1t1.txt") == "work\n");
  const bool is_same_session = finished.at(1).at("session") == finished.at(0).at("session");
  const std::vector<json> notes = scenario.events("note_recorded");
  if (is_same_session) {
    CHECK(notes.empty());
  } else {
    CHECK(may_lose_sessions(agent));
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes.at(0).at("text").get<std::string>(), Contains("a fresh one was begun"));
  }
}

}  // namespace

TEST_CASE("opencode-acp writes the example's first plan, and fixes what its review finds") {
  check_calculator("opencode-acp");
}

TEST_CASE("opencode-acp with a refused key stops the run") {
  check_refused_key("opencode-acp", "opencode");
}

TEST_CASE("opencode-acp whose connection is cut again and again is ended") {
  check_endless_repeats("opencode-acp");
}

TEST_CASE("opencode-acp is not believed when it lies") {
  check_lie("opencode-acp");
}

TEST_CASE("opencode-acp goes on in its session to fix its work") {
  check_resumed("opencode-acp");
}

TEST_CASE("gemini-acp writes the example's first plan, and fixes what its review finds") {
  check_calculator("gemini-acp");
}

TEST_CASE("gemini-acp with a refused key stops the run") {
  check_refused_key("gemini-acp", "gemini");
}

TEST_CASE("gemini-acp whose connection is cut fails its attempt") {
  check_cut_stream("gemini-acp");
}

TEST_CASE("gemini-acp is not believed when it lies") {
  check_lie("gemini-acp");
}

TEST_CASE("gemini-acp goes on in its session to fix its work") {
  check_resumed("gemini-acp");
}

TEST_CASE("qwen-acp writes the example's first plan, and fixes what its review finds") {
  check_calculator("qwen-acp");
}

TEST_CASE("qwen-acp with a refused key stops the run") {
  check_refused_key("qwen-acp", "qwen");
}

TEST_CASE("qwen-acp whose connection is cut fails its attempt") {
  check_cut_stream("qwen-acp");
}

TEST_CASE("qwen-acp is not believed when it lies") {
  check_lie("qwen-acp");
}

TEST_CASE("qwen-acp goes on in its session to fix its work") {
  check_resumed("qwen-acp");
}

TEST_CASE("claude-acp writes the example's first plan, and fixes what its review finds") {
  check_calculator("claude-acp");
}

TEST_CASE("claude-acp with a refused key stops the run") {
  check_refused_key("claude-acp", "claude-agent-acp");
}

TEST_CASE("claude-acp whose connection is cut fails its attempt") {
  check_cut_stream("claude-acp");
}

TEST_CASE("claude-acp is not believed when it lies") {
  check_lie("claude-acp");
}

TEST_CASE("claude-acp goes on in its session to fix its work") {
  check_resumed("claude-acp");
}

TEST_CASE("codex-acp writes the example's first plan, and fixes what its review finds") {
  check_calculator("codex-acp");
}

TEST_CASE("codex-acp with a refused key stops the run") {
  check_refused_key("codex-acp", "codex-acp");
}

TEST_CASE("codex-acp whose connection is cut fails its attempt") {
  check_cut_stream("codex-acp");
}

TEST_CASE("codex-acp is not believed when it lies") {
  check_lie("codex-acp");
}

TEST_CASE("codex-acp goes on in its session to fix its work") {
  check_resumed("codex-acp");
}
