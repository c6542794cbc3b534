// SPDX-License-Identifier: MIT
// The example's first plan, as a scripted model has it written, reviewed and fixed.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agents/agent_checks.hpp"

namespace e2e {

using Catch::Matchers::Contains;

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

// A summary that quotes what the agent's own shell printed a step ago.
json document_step(const std::string& files) {
  return write_step("{{output}}",
                    "## Status: DONE\n\n" + files + "\n### Test Results\n\n{{tool_result}}\n");
}

const json kTestStep = {{"shell",
                         "cmake --preset dev && cmake --build build --target lexer_test && "
                         "ctest --test-dir build -R '^lexer$'"}};
constexpr const char* kPassed = "100% tests passed";
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

}  // namespace

void check_calculator(const std::string& agent) {
  if (is_skipped(agent)) return;
  AgentScenario scenario(agent, calculator_script());
  scenario.with_calculator().set("limits.timeout", "\"9m\"");
  const Ended ended = scenario.execute({"--plan", "001"});
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  Words attempts;
  for (const json& event : scenario.events("attempt_finished")) {
    CHECK(event.at("cause") == "done");
    CHECK(event.at("runtime") == agent);
    attempts.push_back(event.at("role").get<std::string>() + " " +
                       event.at("reason").get<std::string>());
  }
  CHECK(attempts == Words{"executor execute", "spec-reviewer review", "code-reviewer review",
                          "executor quality_fix", "code-reviewer review", "executor execute",
                          "spec-reviewer review", "code-reviewer review"});
  for (const int task : {1, 2}) {
    const std::string name = "001-task-" + std::to_string(task);
    CHECK(scenario.is_task_filed(1, task));
    CHECK_THAT(scenario.plan_file(name + "-summary.md"), Contains(kPassed));
    CHECK_THAT(scenario.plan_file(name + "-quality-review.md"), Contains("Verdict: pass"));
  }
  // The draft, its fix, the second task.
  const auto lexer = [&scenario](const std::string& commits_ago) {
    return scenario.git({"show", "konductor/01/plan-001/work~" + commits_ago + ":src/lexer.cpp"});
  };
  CHECK_THAT(lexer("2"), Contains(kMark));
  CHECK(lexer("1") == recorded("001-task-1/1/files/src/lexer.cpp"));
  CHECK(lexer("0") == recorded("001-task-2/1/files/src/lexer.cpp"));
  const json usage = scenario.events("attempt_finished").at(0).at("usage");
  CHECK(usage.at("input_tokens").get<int>() >= 1000);
}

}  // namespace e2e
