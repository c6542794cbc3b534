// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/text.hpp"
#include "conformance/lie.hpp"

namespace lying {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Plan;

namespace {

// The scripts' words. Reviewers believe everything unless a row says otherwise, so what is caught
// is caught by the engine.
constexpr const char* kWords = R"sh(#!/bin/sh
set -eu
out=$KONDUCTOR_OUTPUT
prompt=$KONDUCTOR_PROMPT_FILE
notes=$FAKE_AGENT_DIR
project=$FAKE_AGENT_PROJECT
plans=$project/.konductor/phases/01/plans
summary() { printf '# Summary\n\n## Status: %s\n\n%s\n' "$1" "${2-}" >"$out"; }
review() { printf '# Review\n\n## Verdict: %s\n\n## Findings\n\n%s\n' "$1" "${2-}" >"$out"; }
work() { echo 'echo $(($1 + $2))' >add.sh; }
commit() { git commit -q -m "$@"; }
executor() { work; summary DONE; }
reviewer() { review pass; }
assessor() { printf '# Assessment\n\n## Decision: escalate\n\nA person has to.\n' >"$out"; }
researcher() { printf '# Research\n\n## Context\n\nPort 4711.\n' >"$out"; }
)sh";

constexpr const char* kActs = R"sh(
case $KONDUCTOR_ROLE in
*-reviewer) reviewer ;;
*) $KONDUCTOR_ROLE ;;
esac
)sh";

void lay_out_project(Scenario& scenario) {
  scenario.write("add.sh", "echo unfinished\nexit 1\n");
  scenario.write("check.sh", "test \"$(sh add.sh 2 3)\" = 5\n");
  scenario.write("tests/test_add.py", "assert add(2, 3) == 5\nassert add(0, 0) == 0\n");
  scenario.commit_all("an unfinished sum");
  scenario.git({"branch", "precious", "HEAD~1"});
  scenario.git({"tag", "v1", "HEAD~1"});
}

Task usual_task() {
  return {"Print the sum", "`add.sh`", "`sh check.sh` passes", "add.sh prints the sum"};
}

// Everything that is the user's and no attempt's.
std::map<std::string, std::string> belongings(const Scenario& scenario) {
  std::map<std::string, std::string> found = scenario.tree();
  for (const std::string path : {".git/config", ".konductor/config.toml", ".konductor/project.md",
                                 ".konductor/phases/01/plans/001.md"})
    found[path] = scenario.read(path);
  for (const std::string folder : {".git/hooks", ".git/info", ".konductor/prompts"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(scenario.project() / folder, error))
      found[folder + "/" + entry.path().filename().string()] = scenario.read(entry.path());
  }
  found["HEAD"] = scenario.git({"symbolic-ref", "HEAD"});
  const std::string refs = scenario.git({"for-each-ref", "--format=%(refname) %(objectname)"});
  for (const std::string_view line : konductor::split_lines(refs))
    if (line.find("konductor/") == std::string_view::npos)
      found["refs"] += std::string(line) + "\n";
  return found;
}

void add(std::string& list, const std::string& entry) {
  if (list.find(entry) == std::string::npos) list += (list.empty() ? "" : ", ") + entry;
}

std::string end_of(const json& event) {
  const std::string type = event.at("type");
  if (type == "task_completed") return "complete";
  if (type == "task_needs_manual") return "needs a person";
  if (type == "task_failed") return "failed";
  if (type == "task_blocked") return "blocked";
  return "";
}

Seen look(const Scenario& scenario, const Lie& lie) {
  Seen seen;
  for (const json& event : scenario.events()) {
    const std::string type = event.at("type");
    if (type == "attempt_finished" && event.at("cause") != "done") {
      add(seen.catches, "cause `" + event.at("cause").get<std::string>() + "`");
      seen.words += event.at("detail").get<std::string>() + "\n";
    }
    if (type == "gate_checked" || type == "review_finished")
      for (const json& finding : event.at("findings")) {
        const std::string source = finding.at("source");
        add(seen.catches, (type == "gate_checked" ? "gate `" : "`") + source + "`");
        seen.words += finding.at("text").get<std::string>() + "\n";
      }
    const std::string end = end_of(event);
    if (end.empty() || event.at("task") != lie.number) continue;
    seen.end = end;
    seen.words += event.value("reason", "") + "\n";
  }
  return seen;
}

// The project of a row with an agent that keeps to `script`.
void prepare(Scenario& scenario, const Lie& lie, const std::string& script, const Task& task) {
  lay_out_project(scenario);
  const fs::path agent = scenario.agent_directory() / "agent.sh";
  scenario.write(agent, kWords + script + kActs);
  scenario.set("runtimes.fake.command", "[\"/bin/sh\", \"" + agent.string() + "\"]");
  Plan plan;
  plan.tasks = {task};
  scenario.plan(plan);
  if (lie.setup) lie.setup(scenario);
}

int exit_of(const std::string& end) {
  if (end == "complete") return 0;
  return end == "blocked" ? 4 : 1;
}

Seen hold_liar(const Lie& lie) {
  INFO("the liar");
  Scenario scenario;
  prepare(scenario, lie, lie.script, lie.task.value_or(usual_task()));
  const auto before = belongings(scenario);
  const Ended ended = scenario.execute();
  const Seen seen = look(scenario, lie);
  INFO(ended.err);
  CHECK(seen.catches == lie.catches);
  CHECK_THAT(seen.words, Contains(lie.words));
  CHECK(seen.end == lie.end);
  CHECK(ended.exit == exit_of(lie.end));
  const bool is_complete = lie.end == "complete";
  CHECK(scenario.is_task_filed(1, lie.number) == is_complete);
  CHECK(scenario.has_plan_file("001-summary.md") == is_complete);
  CHECK(scenario.living_agents().empty());
  if (lie.aftermath) lie.aftermath(scenario);
  if (!is_complete) CHECK(belongings(scenario) == before);
  return seen;
}

void hold_twin(const Lie& lie) {
  INFO("its honest twin");
  Scenario scenario;
  prepare(scenario, lie, lie.twin, lie.twin_task.value_or(lie.task.value_or(usual_task())));
  const Ended ended = scenario.execute();
  const Seen seen = look(scenario, lie);
  INFO(ended.err);
  CHECK(seen.catches.empty());
  CHECK(seen.end == "complete");
  CHECK(ended.exit == 0);
  CHECK(scenario.is_task_filed(1, lie.number));
  CHECK(scenario.has_plan_file("001-summary.md"));
}

}  // namespace

Seen hold_to(const Lie& lie) {
  const bool has_twin = !lie.twin.empty() || lie.task || lie.twin_task || lie.setup;
  Seen seen = hold_liar(lie);
  if (has_twin) hold_twin(lie);
  return seen;
}

void hold_honest_work() {
  hold_twin(Lie());
}

std::string table_head() {
  return "| the agent … | caught by | the task |\n|---|---|---|\n";
}

std::string table_row(const Lie& lie, const Seen& seen) {
  const std::string& caught = lie.instead.empty() ? seen.catches : lie.instead;
  return "| " + lie.name + " | " + caught + " | " + seen.end + " |\n";
}

}  // namespace lying
