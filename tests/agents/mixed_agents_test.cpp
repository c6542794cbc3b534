// SPDX-License-Identifier: MIT
// Phases that several real agents work on together.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "agents/fault_run.hpp"

using e2e::AgentScenario;
using e2e::Ended;
using e2e::json;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

const fs::path kExample = KONDUCTOR_SOURCE_DIR "/examples/calculator";

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

fs::path recorded(const std::string& role, const std::string& task) {
  return kExample / "cassettes/good" / role / task / "1";
}

void add_document(json& steps, const std::string& text) {
  steps.push_back({{"write_file", {{"path", "{{output}}"}, {"content", text}}}});
  steps.push_back({{"text", "Done."}});
}

// What the recorded executor wrote, file by file. A file is read first: Claude Code overwrites none
// that it has not seen.
json executor_steps(const std::string& task) {
  const fs::path files = recorded("executor", task) / "files";
  std::set<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(files))
    if (entry.is_regular_file()) paths.insert(entry.path());
  json steps = json::array();
  for (const fs::path& path : paths) {
    const std::string name = path.lexically_relative(files);
    steps.push_back({{"read_file", name}});
    steps.push_back({{"write_file", {{"path", name}, {"content", content_of(path)}}}});
  }
  add_document(steps, content_of(recorded("executor", task) / "document.md"));
  return steps;
}

json review(const std::string& role, const std::string& task) {
  return json::array({{{"text", content_of(recorded(role, task) / "document.md")}}});
}

// The calculator's first plan. The first quality review has a finding, which a second executor
// sees to.
std::vector<json> calculator_scenes() {
  const std::string first = "001-task-1";
  const std::string second = "001-task-2";
  const json finding = json::array(
      {{{"text",
         "## Verdict: fail\n\n## Findings\n\n- [significant] src/lexer.cpp:1 — nothing says "
         "what the file is for\n"}}});
  const std::string lexer = content_of(recorded("executor", first) / "files/src/lexer.cpp");
  json fix = {{{"read_file", "src/lexer.cpp"}},
              {{"write_file",
                {{"path", "src/lexer.cpp"}, {"content", "// From text to tokens.\n" + lexer}}}}};
  add_document(fix, "## Status: DONE\n\n## Files Modified\n\n- `src/lexer.cpp`\n");
  return {e2e::scene(first + "-executor", executor_steps(first), "1"),
          e2e::scene(first + "-executor", fix, "2"),
          e2e::scene(first + "-spec-reviewer", review("spec-reviewer", first)),
          e2e::scene(first + "-code-reviewer", finding, "1"),
          e2e::scene(first + "-code-reviewer", review("code-reviewer", first), "2"),
          e2e::scene(second + "-executor", executor_steps(second)),
          e2e::scene(second + "-spec-reviewer", review("spec-reviewer", second)),
          e2e::scene(second + "-code-reviewer", review("code-reviewer", second))};
}

void take_calculator(AgentScenario& scenario) {
  fs::remove_all(scenario.konductor() / "phases");
  fs::copy(kExample, scenario.project(),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  scenario.commit_all("calculator");
}

Words told(const AgentScenario& scenario, const std::string& field) {
  Words list;
  for (const json& event : scenario.events("attempt_finished"))
    list.push_back(event.at(field));
  return list;
}

}  // namespace

TEST_CASE("claude writes the calculator's lexer, codex reviews it and has it fixed once") {
  if (e2e::is_skipped("claude") || e2e::is_skipped("codex")) return;
  AgentScenario scenario("claude", e2e::script(calculator_scenes()));
  take_calculator(scenario);
  scenario.add_agent("codex");
  scenario.set("roles.spec-reviewer.runtime", "\"codex\"");
  scenario.set("roles.code-reviewer.runtime", "\"codex\"");
  const Ended ended = scenario.start_execute({"--plan", "001"})->wait(270);
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(told(scenario, "role") == Words{"executor", "spec-reviewer", "code-reviewer", "executor",
                                        "code-reviewer", "executor", "spec-reviewer",
                                        "code-reviewer"});
  CHECK(told(scenario, "runtime") ==
        Words{"claude", "codex", "codex", "claude", "codex", "claude", "codex", "codex"});
  CHECK(scenario.causes() == Words(8, "done"));
  CHECK(told(scenario, "reason").at(3) == "quality_fix");
  // The second task's, tested by the plan's own verify commands.
  CHECK(scenario.git({"show", "konductor/01/main:src/lexer.cpp"}) ==
        content_of(recorded("executor", "001-task-2") / "files/src/lexer.cpp"));
  CHECK(scenario.exists(".konductor/phases/01-calculator/plans/001-summary.md"));
}

TEST_CASE("codex steps in for claude, which is at its limit") {
  if (e2e::is_skipped("claude") || e2e::is_skipped("codex")) return;
  json refused = e2e::scene(
      "executor",
      json::array(
          {{{"error", {{"status", 429}, {"message", "limit reached, resets in 2 hours"}}}}}));
  refused["match"]["protocol"] = "anthropic";
  AgentScenario scenario("claude",
                         e2e::script({refused, e2e::scene("executor", e2e::rest_of_work())}));
  scenario.add_agent("codex");
  scenario.set("roles.executor.runtime", R"(["claude", "codex"])");
  scenario.set("features.code_review", "false");
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"quota", "done"});
  CHECK(told(scenario, "runtime") == Words{"claude", "codex"});
  CHECK(told(scenario, "model").at(1) == "gpt-5.5");
  CHECK(ended.seconds < 200);
}
