// SPDX-License-Identifier: MIT
// Real agents that the kernel confines: what they keep is known well enough for them to work.
#include <catch2/catch.hpp>

#include "agents/agent_checks.hpp"
#include "support/landlock.hpp"

using namespace e2e;

namespace {

void check_confined_phase(const std::string& agent) {
  if (is_skipped(agent) || !konductor::test::has_landlock()) return;
  const json outside = {{"shell", "echo spoiled >> \"$HOME/outside.txt\""}};
  json steps = executor_steps();
  steps.insert(steps.begin(), outside);
  AgentScenario scenario(agent,
                         script({scene("executor", steps), scene("spec-reviewer", reviewer_steps()),
                                 scene("code-reviewer", reviewer_steps())}));
  scenario.set("execution.sandbox", "\"landlock\"").plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"done", "done", "done", "done"});
  CHECK(scenario.tree().at("p1t1.txt") == "work\n");
  CHECK_FALSE(std::filesystem::exists(scenario.home() / "outside.txt"));
}

}  // namespace

TEST_CASE("Claude Code works while it is confined") {
  check_confined_phase("claude");
}

TEST_CASE("Codex works while it is confined") {
  check_confined_phase("codex");
}

TEST_CASE("opencode works while it is confined") {
  check_confined_phase("opencode");
}

TEST_CASE("Gemini CLI works while it is confined") {
  check_confined_phase("gemini");
}

TEST_CASE("Qwen Code works while it is confined") {
  check_confined_phase("qwen");
}

TEST_CASE("pi works while it is confined") {
  check_confined_phase("pi");
}
