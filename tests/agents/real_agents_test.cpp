// SPDX-License-Identifier: MIT
// Real agents, driven through whole phases against a scripted model.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "agents/agent_checks.hpp"

using Catch::Matchers::Contains;
using namespace e2e;

namespace {

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

// The first attempt is refused in the middle of its work, and goes on behind the limit.
void check_recovery(const std::string& kind) {
  if (is_skipped(kind)) return;
  const json half = {
      {{"write_file", {{"path", "half.txt"}, {"content", "half\n"}}}},
      {{"error", {{"status", 429}, {"message", "rate limited, try again in 1 second"}}}}};
  // Of a session that goes on the model sees the first prompt, too.
  AgentScenario scenario(
      kind, script({scene("executor", executor_steps(), "2"), scene("executor", half, "1")}));
  scenario.set("features.code_review", "false").plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"quota", "done"});
  CHECK(scenario.events("quota_waiting").size() == 1);
  const std::vector<json> finished = scenario.events("attempt_finished");
  CHECK_FALSE(finished.at(0).at("session").get<std::string>().empty());
  CHECK(finished.at(0).at("session") == finished.at(1).at("session"));
  CHECK(scenario.tree().at("half.txt") == "half\n");
}

// Who is asked by a schema answers by its own means and writes no document.
void check_typed_phase(const std::string& kind) {
  if (is_skipped(kind)) return;
  const json file = {{"path", "p1t1.txt"}, {"note", "the work"}};
  const json done = {{"status", "DONE"},
                     {"files_created", {file}},
                     {"files_modified", json::array()},
                     {"files_deleted", json::array()},
                     {"tests_added", json::array()},
                     {"test_results", ""},
                     {"deviations", json::array()},
                     {"decisions", {"one file"}},
                     {"concerns", json::array()},
                     {"missing_context", ""},
                     {"blocker", ""},
                     {"verification", json::array()}};
  const json end = {{"text", "Done."}};
  const json early = {{{"structured", done}}, end};
  const json work = {
      {{"write_file", {{"path", "p1t1.txt"}, {"content", "work\n"}}}}, {{"structured", done}}, end};
  const json finding = {
      {"severity", "minor"}, {"path", "p1t1.txt"}, {"line", 1}, {"text", "a short word"}};
  const json review = {
      {{"structured", {{"verdict", "pass"}, {"findings", {finding}}, {"checked", "read it"}}}},
      end};
  AgentScenario scenario(kind,
                         script({scene("executor", early, "1"), scene("executor", work),
                                 scene("spec-reviewer", review), scene("code-reviewer", review)}));
  scenario.set("runtimes." + kind + ".structured_output", "\"auto\"");
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  // Nothing was done at first; its fix, two reviews of the task, one of the phase.
  CHECK(scenario.causes() == Words{"done", "done", "done", "done", "done"});
  CHECK(scenario.tree().at("p1t1.txt") == "work\n");
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"),
             Contains("## Status: DONE\n") && Contains("- `p1t1.txt` — the work\n") &&
                 Contains("## Review Status: passed"));
  CHECK_THAT(scenario.plan_file("001-task-1-spec-review.md"),
             Contains("## Verdict: pass\n") && Contains("- [minor] p1t1.txt:1 — a short word\n"));
}

}  // namespace

TEST_CASE("as many agents are installed as KONDUCTOR_REQUIRE_AGENTS demands") {
  const char* demanded = std::getenv("KONDUCTOR_REQUIRE_AGENTS");
  const auto count = std::count_if(kAgents.begin(), kAgents.end(),
                                   [](const auto& name) { return !installed_agent(name).empty(); });
  CHECK(count >= (demanded == nullptr ? 0 : std::stol(demanded)));
}

TEST_CASE("claude carries a phase through its reviews") {
  check_whole_phase("claude");
}

TEST_CASE("codex carries a phase through its reviews") {
  check_whole_phase("codex");
}

TEST_CASE("claude answers by the schemas of its documents") {
  check_typed_phase("claude");
}

TEST_CASE("codex answers by the schemas of its documents") {
  check_typed_phase("codex");
}

TEST_CASE("claude recovers from a provider's limit without a failed attempt") {
  check_recovery("claude");
}

TEST_CASE("codex recovers from a provider's limit without a failed attempt") {
  check_recovery("codex");
}

TEST_CASE("claude with a refused key stops the run") {
  check_refused_key("claude", "claude");
}

TEST_CASE("codex with a refused key stops the run") {
  check_refused_key("codex", "codex");
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

TEST_CASE("opencode carries a phase through its reviews") {
  check_whole_phase("opencode");
}

TEST_CASE("opencode with a refused key stops the run") {
  check_refused_key("opencode", "opencode");
}

TEST_CASE("opencode whose connection is cut again and again is ended") {
  check_endless_repeats("opencode");
}

TEST_CASE("gemini carries a phase through its reviews") {
  check_whole_phase("gemini");
}

TEST_CASE("gemini with a refused key stops the run") {
  check_refused_key("gemini", "gemini");
}

TEST_CASE("gemini whose connection is cut fails its attempt") {
  check_cut_stream("gemini");
}

TEST_CASE("qwen carries a phase through its reviews") {
  check_whole_phase("qwen");
}

TEST_CASE("qwen with a refused key stops the run") {
  check_refused_key("qwen", "qwen");
}

TEST_CASE("qwen whose connection is cut again and again is ended") {
  check_endless_repeats("qwen");
}

TEST_CASE("pi carries a phase through its reviews") {
  check_whole_phase("pi");
}

TEST_CASE("pi with a refused key stops the run") {
  check_refused_key("pi", "pi");
}

TEST_CASE("pi whose connection is cut fails its attempt") {
  check_cut_stream("pi");
}

TEST_CASE("claude is not believed when it lies") {
  check_lie("claude");
}

TEST_CASE("codex is not believed when it lies") {
  check_lie("codex");
}

TEST_CASE("opencode is not believed when it lies") {
  check_lie("opencode");
}

TEST_CASE("gemini is not believed when it lies") {
  check_lie("gemini");
}

TEST_CASE("qwen is not believed when it lies") {
  check_lie("qwen");
}

TEST_CASE("pi is not believed when it lies") {
  check_lie("pi");
}

TEST_CASE("claude writes the example's first plan, and fixes what its review finds") {
  check_calculator("claude");
}

TEST_CASE("codex writes the example's first plan, and fixes what its review finds") {
  check_calculator("codex");
}

TEST_CASE("opencode writes the example's first plan, and fixes what its review finds") {
  check_calculator("opencode");
}

TEST_CASE("gemini writes the example's first plan, and fixes what its review finds") {
  check_calculator("gemini");
}

TEST_CASE("qwen writes the example's first plan, and fixes what its review finds") {
  check_calculator("qwen");
}

TEST_CASE("pi writes the example's first plan, and fixes what its review finds") {
  check_calculator("pi");
}

TEST_CASE("claude writes and codex reviews") {
  if (is_skipped("claude") || is_skipped("codex")) return;
  AgentScenario scenario("claude", script({scene("executor", executor_steps()),
                                           scene("spec-reviewer", reviewer_steps()),
                                           scene("code-reviewer", reviewer_steps())}));
  scenario.add_agent("codex");
  scenario.set("roles.spec-reviewer.runtime", "\"codex\"");
  scenario.set("roles.code-reviewer.runtime", "\"codex\"");
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  Words runtimes;
  for (const json& event : scenario.events("attempt_finished"))
    runtimes.push_back(event.at("runtime"));
  CHECK(runtimes == Words{"claude", "codex", "codex", "codex"});
  CHECK(scenario.is_task_filed(1, 1));
}
