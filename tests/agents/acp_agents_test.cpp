// SPDX-License-Identifier: MIT
// Real agents over the Agent Client Protocol: the example's first plan, done with their own tools,
// and what goes wrong.
#include <catch2/catch.hpp>

#include "agents/agent_checks.hpp"

using Catch::Matchers::Contains;
using namespace e2e;

namespace {

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
