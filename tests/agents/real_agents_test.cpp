// SPDX-License-Identifier: MIT
// Claude Code and Codex themselves, driven through whole phases against a scripted model.
#include <catch2/catch.hpp>
#include <iostream>

#include "agents/real_agent.hpp"

using Catch::Matchers::Contains;
using e2e::AgentScenario;
using e2e::Ended;
using e2e::json;
using e2e::Words;

namespace {

// Where the prompt of a role's attempt tells it to write; the number of the attempt is in the path.
std::string path_of(const std::string& role, const std::string& attempt = R"(\d+)") {
  return R"((?P<output>/\S+/runs/[^/\s]*)" + role + "-" + attempt + R"(/output\.md))";
}

json scene(const std::string& role, const json& steps, const std::string& attempt = R"(\d+)") {
  return {{"name", role}, {"match", {{"regex", path_of(role, attempt)}}}, {"steps", steps}};
}

json executor_steps() {
  return {{{"text", "I write the file."},
           {"write_file", {{"path", "p1t1.txt"}, {"content", "work\n"}}}},
          {{"write_file",
            {{"path", "{{output}}"},
             {"content", "## Status: DONE\n\n## Files Created\n\n- `p1t1.txt`\n"}}}},
          {{"text", "Done."}}};
}

constexpr const char* kVerdict = "## Verdict: pass\n\n## Findings\n\nNone.\n";

json reviewer_steps() {
  return {{{"text", kVerdict}}};
}

json script(const std::vector<json>& scenes) {
  return {{"defaults", {{"usage", {{"input", 1000}, {"output", 50}, {"cache_read", 200}}}}},
          {"fallback", {{"error", {{"status", 400}, {"message", "nothing is scripted"}}}}},
          {"scenarios", scenes}};
}

// True, with a line that ctest takes for a skipped test, when the agent is not installed.
bool is_skipped(const std::string& kind) {
  if (!e2e::installed_agent(kind).empty()) return false;
  std::cout << "skipped: " << kind
            << " is not installed; run scripts/install-agents.sh DIR and set KONDUCTOR_TEST_AGENTS "
               "to DIR\n";
  return true;
}

void check_whole_phase(const std::string& kind) {
  if (is_skipped(kind)) return;
  AgentScenario scenario(
      kind, script({scene("executor", executor_steps()), scene("spec-reviewer", reviewer_steps()),
                    scene("code-reviewer", reviewer_steps())}));
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  // The executor, two reviews of the task, one of the phase.
  CHECK(scenario.causes() == Words{"done", "done", "done", "done"});
  CHECK(scenario.tree().at("p1t1.txt") == "work\n");
  CHECK(scenario.is_task_filed(1, 1));
  CHECK_THAT(scenario.plan_file("001-task-1-quality-review.md"), Contains("Verdict: pass"));
  const json usage = scenario.events("attempt_finished").at(0).at("usage");
  CHECK(usage.at("input_tokens") == 3000);
  CHECK(usage.at("output_tokens") == 150);
  CHECK(usage.at("cache_read_tokens") == 600);
}

// The first attempt is refused, every later one works.
void check_recovery(const std::string& kind) {
  if (is_skipped(kind)) return;
  const json refused = {{{"error", {{"status", 429}}}}};
  AgentScenario scenario(
      kind, script({scene("executor", refused, "1"), scene("executor", executor_steps())}));
  scenario.set("features.code_review", "false").plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"quota", "done"});
  CHECK(scenario.events("quota_waiting").size() == 1);
}

void check_refused_key(const std::string& kind) {
  if (is_skipped(kind)) return;
  const json refused = {{{"error", {{"status", 401}, {"message", "invalid x-api-key"}}}}};
  AgentScenario scenario(kind, script({scene("executor", refused)}));
  scenario.set("features.code_review", "false").plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 6);
  CHECK(scenario.causes() == Words{"auth"});
  CHECK_THAT(ended.err, Contains("log in with \"" + kind + "\""));
  CHECK(scenario.events("task_failed").empty());
}

void check_cut_stream(const std::string& kind) {
  if (is_skipped(kind)) return;
  const std::string text = "this never completes, because the connection is cut in its middle";
  const json cut = {{{"text", text}, {"drop", true}}};
  AgentScenario scenario(kind, script({scene("executor", cut)}));
  scenario.set("features.code_review", "false").plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 1);
  CHECK(scenario.causes() == Words{"network"});
  CHECK(scenario.events("task_failed").size() == 1);
}

}  // namespace

TEST_CASE("claude carries a phase through its reviews") {
  check_whole_phase("claude");
}

TEST_CASE("codex carries a phase through its reviews") {
  check_whole_phase("codex");
}

TEST_CASE("claude recovers from a provider's limit without a failed attempt") {
  check_recovery("claude");
}

TEST_CASE("codex recovers from a provider's limit without a failed attempt") {
  check_recovery("codex");
}

TEST_CASE("claude with a refused key stops the run") {
  check_refused_key("claude");
}

TEST_CASE("codex with a refused key stops the run") {
  check_refused_key("codex");
}

TEST_CASE("claude whose connection is cut fails its attempt") {
  check_cut_stream("claude");
}

TEST_CASE("codex whose connection is cut fails its attempt") {
  check_cut_stream("codex");
}

TEST_CASE("claude as a reviewer can use the shell and cannot write files") {
  if (is_skipped("claude")) return;
  const json by_shell = {
      {{"shell",
        "printf '## Verdict: pass\\n\\n## Findings\\n\\nNone.\\n' >\"$KONDUCTOR_OUTPUT\""}},
      {{"text", "It is written."}}};
  const json by_tool = {
      {{"tool", "Write"}, {"args", {{"file_path", "{{output}}"}, {"content", kVerdict}}}},
      {{"text", "The tool said: {{tool_result}}"}}};
  AgentScenario scenario(
      "claude", script({scene("executor", executor_steps()), scene("spec-reviewer", by_shell),
                        scene("code-reviewer", by_tool)}));
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 1);
  CHECK(scenario.causes() == Words{"done", "done", "no_document"});
  CHECK_THAT(scenario.plan_file("001-task-1-spec-review.md"), Contains("Verdict: pass"));
}

TEST_CASE("codex as a reviewer cannot write anywhere") {
  if (is_skipped("codex")) return;
  const json vandal = {{{"shell", "echo changed >p1t1.txt; echo more >other.txt"}},
                       {{"text", kVerdict}}};
  AgentScenario scenario(
      "codex", script({scene("executor", executor_steps()), scene("spec-reviewer", vandal),
                       scene("code-reviewer", reviewer_steps())}));
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  // Nothing had to be undone.
  CHECK(ended.exit == 0);
  CHECK(scenario.causes() == Words{"done", "done", "done", "done"});
}
