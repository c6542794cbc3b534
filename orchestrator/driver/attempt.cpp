// SPDX-License-Identifier: MIT
#include "driver/attempt.hpp"

#include "base/check.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

std::string commit_subject(const RunFacts& facts, const TaskAddress& address,
                           const std::string& title) {
  if (address.is_phase()) return "fix(" + facts.phase.id + "): findings of the holistic review";
  return "feat(" + facts.phase.id + "-plan-" + std::to_string(address.plan) + "): " + title;
}

std::string commit_message(const RunShared& shared, const engine::command::start_attempt& command) {
  const RunFacts& facts = shared.facts;
  const TaskText text = task_text(shared, command.address);
  std::string message = commit_subject(facts, command.address, text.title) + "\n\n";
  message += "Konductor-Task: " + address_text(facts.phase.id, command.address) + "\n";
  message += "Konductor-Run: " + facts.run + "\n";
  message += "Konductor-Role: " + std::string(to_string(command.role)) + "\n";
  return message;
}

std::string plan_with_sub_tasks(const RunShared& shared, int number) {
  const plan::Plan* plan = shared.plan(number);
  if (plan == nullptr) return {};
  std::string text = plan->text;
  for (const engine::TaskRecord* task : shared.state().tasks_of(number))
    if (task->sub_task) text += "\n" + task_text(shared, task->address).markdown;
  return text;
}

}  // namespace

Attempt make_attempt(const RunShared& shared, const engine::command::start_attempt& command) {
  const RunFacts& facts = shared.facts;
  const engine::TaskRecord* task = shared.state().task(command.address);
  KON_CHECK(task != nullptr);
  Attempt attempt;
  attempt.command = command;
  attempt.tree = shared.trees.at(command.address.plan).get();
  attempt.commit_message = commit_message(shared, command);
  attempt.plan_text = plan_with_sub_tasks(shared, command.address.plan);
  attempt.name = engine::attempt_name(command.address, to_string(command.role), command.attempt);
  attempt.head = task->head_commit;
  attempt.paths.workspace = attempt.tree->workspace.directory;
  attempt.paths.directory = facts.layout.run_directory(facts.run) / attempt.name;
  attempt.paths.prompt = attempt.paths.directory / "prompt.md";
  if (!command.address.is_phase()) attempt.paths.plan = attempt.paths.directory / "plan.md";
  // In place the run directory itself lies inside the workspace.
  const fs::path output_home = shared.is_in_place()
                                   ? attempt.paths.directory
                                   : attempt.paths.workspace / ".konductor" / "runs" / attempt.name;
  attempt.paths.output = output_home / "output.md";
  return attempt;
}

Result<void> put_tree_back(RunShared& shared, const Attempt& attempt) {
  ports::Workspace& workspace = attempt.tree->workspace;
  KON_TRY(const std::string ref,
          shared.ports.workspaces.save_aside(workspace, shared.facts.run, attempt.name));
  static_cast<void>(ref);
  KON_TRY_VOID(shared.ports.workspaces.reset(workspace, attempt.head));
  workspace.head = attempt.head;
  attempt.tree->clean_at = attempt.head;
  return {};
}

}  // namespace konductor::driver
