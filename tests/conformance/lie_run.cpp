// SPDX-License-Identifier: MIT
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/text.hpp"
#include "conformance/lie_run.hpp"

namespace lying {

namespace conformance = konductor::conformance;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Plan;
using e2e::Program;

namespace {

void lay_out_project(Scenario& scenario) {
  for (const conformance::ProjectFile& file : conformance::project_files())
    scenario.write(file.path, file.text);
  scenario.commit_all("an unfinished sum");
  scenario.git({"branch", "precious", "HEAD~1"});
  scenario.git({"tag", "v1", "HEAD~1"});
}

Task task_of(const conformance::Task& task) {
  return {task.title, task.files, task.verify, task.action};
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

bool is_suspended(const Scenario& scenario, const Program& engine) {
  const std::string stat = scenario.read("/proc/" + std::to_string(engine.pid()) + "/stat");
  return stat.find(") T ") != std::string::npos;
}

// An engine that another one took over from may have finished nothing more.
void wake(Program& engine) {
  constexpr int kFenced = 5;
  engine.send(SIGCONT);
  const int exit = engine.wait().exit;
  CHECK((exit == kFenced || exit == -SIGKILL));
}

// Runs the phase until an engine comes to an end of its own, whatever the agent does to those
// before it; a person gives up after some.
Ended play(Scenario& scenario, const Lie& lie, Seen& seen) {
  constexpr int kEnginesMax = 4;
  std::vector<std::unique_ptr<Program>> suspended;
  Ended ended;
  for (int engines = 0; engines < kEnginesMax; ++engines) {
    auto engine =
        scenario.start_execute(suspended.empty() ? e2e::Words() : e2e::Words{"--take-over"});
    REQUIRE(
        e2e::wait_until([&] { return !engine->is_running() || is_suspended(scenario, *engine); }));
    conformance::look(scenario.events(), lie.number, seen);
    const bool is_last = engines + 1 == kEnginesMax;
    if (engine->is_running() && !is_last) {
      suspended.push_back(std::move(engine));
      continue;
    }
    if (engine->is_running()) engine->send(SIGKILL);
    ended = engine->wait();
    seen.words += ended.err;
    if (ended.exit != -SIGKILL) break;
  }
  for (const auto& engine : suspended)
    wake(*engine);
  return ended;
}

// Where its engine was killed, the supervisor ends what an attempt leaves.
bool is_all_gone(const Scenario& scenario, const Ended& ended) {
  const auto is_gone = [&] { return scenario.living_agents().empty(); };
  return ended.exit == -SIGKILL ? e2e::wait_until(is_gone) : is_gone();
}

// The project of a row with an agent that keeps to `script`.
void prepare(Scenario& scenario, const Lie& lie, const std::string& script, const Task& task) {
  lay_out_project(scenario);
  use_script(scenario, script);
  Plan plan;
  plan.tasks = {task};
  scenario.plan(plan);
  if (lie.setup) lie.setup(scenario);
}

// Of an engine that came to its end, or could not go on here.
bool is_exit_of(int exit, const std::string& end) {
  constexpr int kEnvironment = 6;
  if (end == "interrupted") return exit == kEnvironment || exit == -SIGKILL;
  if (end == "complete") return exit == 0;
  return exit == (end == "blocked" ? 4 : 1);
}

Seen hold_liar(const Lie& lie) {
  INFO("the liar");
  Scenario scenario;
  prepare(scenario, lie, lie.script, lie.task.value_or(task_of(conformance::usual_task())));
  const std::shared_ptr<void> stage = lie.stage ? lie.stage(scenario) : nullptr;
  const auto before = belongings(scenario);
  Seen seen;
  const Ended ended = play(scenario, lie, seen);
  if (seen.end.empty() && is_exit_of(ended.exit, "interrupted")) seen.end = "interrupted";
  INFO(ended.err);
  CHECK(seen.catches == lie.catches);
  CHECK_THAT(seen.words, Contains(lie.words));
  CHECK(seen.end == lie.end);
  CHECK(is_exit_of(ended.exit, lie.end));
  const bool is_complete = lie.end == "complete";
  CHECK(scenario.is_task_filed(1, lie.number) == is_complete);
  CHECK(scenario.has_plan_file("001-summary.md") == is_complete);
  CHECK(is_all_gone(scenario, ended));
  if (lie.aftermath) lie.aftermath(scenario);
  if (!is_complete) CHECK(belongings(scenario) == before);
  if (lie.recovery) lie.recovery(scenario);
  return seen;
}

void hold_twin(const Lie& lie) {
  INFO("its honest twin");
  Scenario scenario;
  prepare(scenario, lie, lie.twin,
          lie.twin_task.value_or(lie.task.value_or(task_of(conformance::usual_task()))));
  const std::shared_ptr<void> stage = lie.stage ? lie.stage(scenario) : nullptr;
  Seen seen;
  const Ended ended = play(scenario, lie, seen);
  INFO(ended.err);
  CHECK(seen.catches.empty());
  CHECK(seen.end == "complete");
  CHECK(ended.exit == 0);
  CHECK(scenario.is_task_filed(1, lie.number));
  CHECK(scenario.has_plan_file("001-summary.md"));
}

}  // namespace

void use_script(Scenario& scenario, const std::string& script) {
  const fs::path agent = scenario.agent_directory() / "agent.sh";
  scenario.write(agent,
                 conformance::agent_script(script, scenario.agent_directory(), scenario.project()));
  scenario.set("runtimes.fake.command", "[\"/bin/sh\", \"" + agent.string() + "\"]");
}

Lie row_of(const conformance::Lie& lie) {
  Lie row{.name = lie.name,
          .script = lie.script,
          .catches = lie.catches,
          .words = lie.words,
          .end = lie.end,
          .twin = lie.twin,
          .instead = lie.instead};
  if (lie.task) row.task = task_of(*lie.task);
  if (lie.twin_task) row.twin_task = task_of(*lie.twin_task);
  if (lie.end == "complete")
    row.aftermath = [](Scenario& scenario) {
      CHECK(scenario.read("add.sh") == conformance::honest_work());
    };
  return row;
}

Seen hold_to(const Lie& lie) {
  const bool has_twin = !lie.twin.empty() || lie.task || lie.twin_task || lie.setup || lie.stage;
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
