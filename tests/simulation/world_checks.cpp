// SPDX-License-Identifier: MIT
// What no engine may do, looked at where it does it.
#include <sys/stat.h>

#include <algorithm>

#include "base/text.hpp"
#include "records/markers.hpp"
#include "records/state_file.hpp"
#include "simulation/world.hpp"
#include "simulation/world_engine.hpp"

namespace konductor::test {
namespace {

int number_in(const FakeCall& call, std::string_view name) {
  const std::string text = call.variable(name);
  return text.empty() ? 0 : std::stoi(text);
}

bool is_any_of(std::string_view operation, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), operation) != names.end();
}

}  // namespace

FakeBehaviour World::start_process(const Engine& engine, const FakeCall& call) {
  const std::string role = call.variable("KONDUCTOR_ROLE");
  const TaskAddress task{number_in(call, "KONDUCTOR_PLAN"), number_in(call, "KONDUCTOR_TASK")};
  look_for_loser("starting " + call.title());
  if (is_thawing_) return agents_.behave(engine.agents);
  if (!auditor_.is_under_way(task, role, number_in(call, "KONDUCTOR_ATTEMPT")))
    complain(call.title() + " was started before the journal told of it");
  if (auditor_.is_completed(task)) complain(call.title() + " was started for a complete task");
  if (machine_.is_busy(task.plan)) complain(call.title() + " was started beside another attempt");
  const Result<std::string> prompt = disk_.read(call.spec.stdin_path);
  for (const std::string& note : auditor_.notes_due(task))
    if (prompt.has_error() || prompt.value().find(note) == std::string::npos)
      complain(call.title() + " was not told: " + note);
  // One that goes on from an earlier run is not counted until its plan has its turn.
  if (machine_.alive() >= static_cast<std::size_t>(attempts_at_once_) + auditor_.waiting())
    complain("more processes than allowed at once");
  return agents_.behave(engine.agents);
}

// Every change of trees and files comes by here.
void World::look_for_loser(const std::string& what) {
  if (is_thawing_ && !has_bug(SeededBug::unfenced_lock))
    complain("an engine that had lost the phase was not kept from " + what);
}

Result<void> World::before_workspace_call(const std::string& operation, const std::string& what) {
  if (is_any_of(operation, {"changes", "file_at", "dirt", "predict_conflicts"})) return {};
  const bool is_of_plan = is_any_of(
      operation, {"open", "snapshot", "reset", "show", "merge", "write_conflict", "close"});
  const int plan = is_of_plan ? std::stoi(what) : 0;
  if (current_ == nullptr) return {};
  KON_TRY_VOID(current_->fate.before_effect(true, operation != "prepare"));
  look_for_loser(operation + " " + what);
  if (operation == "open")
    ::mkdir((trees_ / (plan == 0 ? "holistic" : "plan-" + plan_text(plan))).c_str(), 0755);
  if (is_any_of(operation, {"snapshot", "reset", "show", "merge", "close"}) &&
      machine_.is_busy(plan))
    complain("the tree of plan " + what + " was changed (" + operation +
             ") under an attempt that is at work in it");
  if (operation == "merge" && plan != 0) {
    if (!auditor_.are_tasks_completed(plan))
      complain("plan " + what + " was merged before its tasks were complete");
    if (auditor_.is_merged(plan)) complain("plan " + what + " was merged twice");
  }
  if (operation == "deliver")
    for (const auto& [number, unused] : plans_)
      if (!auditor_.is_plan_completed(number))
        complain("the result was delivered before plan " + std::to_string(number) +
                 " was complete");
  return {};
}

// A marker says what the journal says, and not before.
void World::look_at_write(const std::filesystem::path& path, std::string_view text) {
  look_for_loser("a write to " + path.filename().string());
  if (is_thawing_ || path.parent_path() != facts_.phase.plans()) return;
  const auto marker = records::parse_marker_file_name(path.filename().string());
  if (!marker) return;
  if (marker->kind == records::MarkerKind::task_summary && records::is_accepted_summary(text) &&
      !auditor_.is_completed({marker->plan, marker->task}))
    complain("the marker of task " + name_of({marker->plan, marker->task}) +
             " was written before the journal told of it");
  if (marker->kind == records::MarkerKind::plan_summary &&
      !auditor_.is_plan_completed(marker->plan))
    complain("the marker of plan " + std::to_string(marker->plan) +
             " was written before the journal told of it");
}

void World::check_life(const Engine& engine, const Life& life) {
  // A run that never began leaves what outlived an earlier engine to the next one.
  const bool has_begun = engine.result->has_value();
  if (has_begun && machine_.alive() != 0) complain("an attempt's processes outlived the run");
  if (life.has_failed) return;
  if (engine.result->has_error()) {
    complain("the run was refused: " + engine.result->error().message);
    return;
  }
  const driver::ExecuteResult& result = engine.result->value();
  if (result.error && life.exit != 7) complain("the run failed: " + result.error->message);
  const std::set<int> expected = {0, 1, 3, 4, 7, 128 + life.signal_sent};
  if (expected.count(life.exit) == 0) complain("exit " + std::to_string(life.exit));
  check_reports(result, life);
}

// Whoever is blocked stands in the result, in state.toml and in the exit code.
void World::check_reports(const driver::ExecuteResult& result, const Life& life) {
  std::set<TaskAddress> blocked = auditor_.blocked();
  const bool is_phase_blocked = blocked.erase(kPhaseAddress) != 0;
  if (result.state.blocked() != blocked) complain("the result does not name who is blocked");
  if (blocked.empty() && !is_phase_blocked) return;
  if (life.signal_sent == 0 && life.exit != 3 && life.exit != 4)
    complain("tasks are blocked and the exit is " + std::to_string(life.exit));
  const Result<std::string> text = disk_.read(facts_.layout.state());
  const auto state = records::parse_state(text.has_value() ? text.value() : std::string());
  if (is_phase_blocked) blocked.insert(kPhaseAddress);
  for (const TaskAddress& task : blocked) {
    const std::string start = address_text(facts_.phase.id, task) + ": ";
    const auto& all = state.value().blockers;
    if (std::none_of(all.begin(), all.end(), [&](const records::Blocker& blocker) {
          return !blocker.resolved && blocker.reason.rfind(start, 0) == 0;
        }))
      complain("blocked task " + name_of(task) + " is not in state.toml");
  }
}

// As if nothing had ever gone wrong.
void World::check_end() {
  std::map<std::string, std::string> result = workspaces_.files_at(workspaces_.user_head());
  result.erase("holistic.txt");  // Some reviewer wanted it.
  const std::string shared = result[kSharedFile];
  result.erase(kSharedFile);
  std::map<std::string, std::string> expected;
  for (const auto& [number, plan] : plans_) {
    const std::string name = plan_text(number);
    if (!disk_.exists(facts_.phase.plans() / (name + "-summary.md")))
      complain("plan " + name + " has no summary");
    for (const auto& task : plan.tasks) {
      const TaskAddress address{number, task.number};
      const std::string file = own_file(address);
      expected[file] = work_text(file);
      if (!auditor_.is_completed(address)) continue;  // It was split.
      const auto text = disk_.read(
          facts_.phase.plans() /
          records::marker_file_name({records::MarkerKind::task_summary, number, task.number}));
      if (text.has_error() || !records::is_accepted_summary(text.value()))
        complain("task " + name_of(address) + " has no marker");
      if (agents_.sharing.count(address) != 0 &&
          shared.find("by " + name_of(address) + "\n") == std::string::npos)
        complain("the shared file does not hold the work of " + name_of(address));
    }
  }
  for (auto& [file, text] : result)
    text.resize(std::min(text.size(), work_text(file).size()));
  if (shared.find("<<<<") != std::string::npos) complain("a conflict was delivered");
  if (result != expected) complain("the result is not that of an undisturbed run");
  const Result<std::string> state = disk_.read(facts_.layout.state());
  if (state.has_error() || state.value().find("executed") == std::string::npos)
    complain("state.toml does not call the phase executed");
  if (workspaces_.has_open_trees()) complain("work trees are left");
}

}  // namespace konductor::test
