// SPDX-License-Identifier: MIT
#include "agents/agent_checks.hpp"

#include <catch2/catch.hpp>
#include <iostream>

namespace e2e {

using Catch::Matchers::Contains;

namespace {

// Where the prompt of a role's attempt tells it to write; the number of the attempt is in the path.
std::string path_of(const std::string& role, const std::string& attempt) {
  return R"((?P<output>/\S+/runs/[^/\s]*)" + role + "-" + attempt + R"(/output\.md))";
}

}  // namespace

json scene(const std::string& role, const json& steps, const std::string& attempt) {
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

const char* const kVerdict = "## Verdict: pass\n\n## Findings\n\nNone.\n";

json reviewer_steps() {
  return {{{"text", kVerdict}}};
}

json script(const std::vector<json>& scenes) {
  return {{"defaults", {{"usage", {{"input", 1000}, {"output", 50}, {"cache_read", 200}}}}},
          {"fallback", {{"error", {{"status", 400}, {"message", "nothing is scripted"}}}}},
          {"scenarios", scenes}};
}

bool is_skipped(const std::string& agent) {
  if (!e2e::installed_agent(agent).empty()) return false;
  std::cout << "skipped: " << agent
            << " is not installed; run scripts/install-agents.sh DIR and set KONDUCTOR_TEST_AGENTS "
               "to DIR\n";
  return true;
}

void check_refused_key(const std::string& agent, const std::string& program) {
  if (is_skipped(agent)) return;
  const json refused = {{{"error", {{"status", 401}, {"message", "invalid x-api-key"}}}}};
  AgentScenario scenario(agent, script({scene("executor", refused)}));
  scenario.set("features.code_review", "false").plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 6);
  CHECK(scenario.causes() == Words{"auth"});
  CHECK_THAT(ended.err, Contains("log in with \"" + program + "\""));
  CHECK(scenario.events("task_failed").empty());
}

void check_cut_stream(const std::string& agent) {
  if (is_skipped(agent)) return;
  const std::string text = "this never completes, because the connection is cut in its middle";
  const json cut = {{{"text", text}, {"drop", true}}};
  AgentScenario scenario(agent, script({scene("executor", cut)}));
  scenario.set("features.code_review", "false").plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 1);
  CHECK(scenario.causes() == Words{"network"});
  CHECK(scenario.events("task_failed").size() == 1);
}

void check_endless_repeats(const std::string& agent) {
  if (is_skipped(agent)) return;
  const json cut = {{{"text", "cut in the middle of this, each time it is asked"}, {"drop", true}}};
  AgentScenario scenario(agent, script({scene("executor", cut)}));
  scenario.set("features.code_review", "false").set("limits.steps", "3");
  scenario.set("limits.timeout", "\"45s\"").set("execution.grace_period", "\"4s\"");
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 1);
  REQUIRE(scenario.causes().size() == 1);
  const std::string cause = scenario.causes().front();
  CHECK((cause == "step_limit" || cause == "timed_out" || cause == "network"));
  CHECK(scenario.events("task_failed").size() == 1);
}

void check_lie(const std::string& agent) {
  if (is_skipped(agent)) return;
  const json lie = {executor_steps().at(1), executor_steps().at(2)};
  AgentScenario scenario(agent, script({scene("executor", lie)}));
  scenario.set("features.code_review", "false");
  scenario.plan(1, {"a task"});
  const Ended ended = scenario.execute();
  INFO(ended.err);
  CHECK(ended.exit == 1);
  // The work and two rounds of fixes.
  CHECK(scenario.causes() == Words{"done", "done", "done"});
  CHECK_FALSE(scenario.is_task_filed(1, 1));
  CHECK(scenario.tree().count("p1t1.txt") == 0);
}

}  // namespace e2e
