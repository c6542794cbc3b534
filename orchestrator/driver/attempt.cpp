// SPDX-License-Identifier: MIT
#include "driver/attempt.hpp"

#include "base/check.hpp"
#include "driver/attempt_lease.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

std::string commit_subject(const RunFacts& facts, const TaskAddress& address,
                           const std::string& title) {
  if (address.is_phase()) return "fix(" + facts.phase.id + "): findings of the holistic review";
  if (address.is_merge())
    return "merge(" + facts.phase.id + "-plan-" + std::to_string(address.plan) + "): " + title;
  return "feat(" + facts.phase.id + "-plan-" + std::to_string(address.plan) + "): " + title;
}

std::string commit_message(const RunShared& shared, const engine::command::start_attempt& command) {
  const RunFacts& facts = shared.facts;
  const std::string title = command.address.is_merge()
                                ? shared.state().plan(command.address.plan)->definition.title
                                : task_text(shared, command.address).title;
  std::string message = commit_subject(facts, command.address, title) + "\n\n";
  message += "Konductor-Task: " + address_text(facts.phase.id, command.address) + "\n";
  message += "Konductor-Run: " + facts.run + "\n";
  message += "Konductor-Role: " + std::string(to_string(command.role)) + "\n";
  return message;
}

// Name of the attempt whose commit the gates have not accepted: the next one takes its place.
std::string replaced_attempt(const engine::TaskRecord& task) {
  if (task.head_commit == task.gated_commit) return {};
  const auto accepted = task.accepted.find(RoleName::executor);
  if (accepted == task.accepted.end())
    return task.address.is_merge() ? plan_text(task.address.plan) + "-merge-conflict" : "";
  return engine::attempt_name(task.address, to_string(RoleName::executor), accepted->second);
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

Attempt make_attempt(const RunShared& shared, const engine::command::start_attempt& command,
                     const RoleRuntime& runtime, const std::string& run, bool is_in_copy) {
  const RunFacts& facts = shared.facts;
  const engine::TaskRecord* task = shared.state().task(command.address);
  KON_CHECK(task != nullptr);
  Attempt attempt;
  attempt.command = command;
  attempt.runtime = &runtime;
  attempt.is_resumed = resumes_session(runtime, command);
  attempt.session_usage = task->session_usage;
  attempt.tree = shared.trees.at(command.address.plan).get();
  if (is_in_copy) {
    attempt.original = attempt.tree;
    attempt.tree = attempt.tree->copy.get();
    KON_CHECK(attempt.tree != nullptr);
  }
  attempt.commit = {commit_message(shared, command), replaced_attempt(*task)};
  attempt.plan_text = plan_with_sub_tasks(shared, command.address.plan);
  if (is_lease_enforced(shared))
    attempt.lease = leased_files(shared, command.address, command.role);
  attempt.run = run;
  attempt.name = engine::attempt_name(command.address, to_string(command.role), command.attempt);
  attempt.head = task->head_commit;
  attempt.paths.workspace = attempt.tree->workspace.directory;
  attempt.paths.directory = facts.layout.run_directory(run) / attempt.name;
  attempt.paths.prompt = attempt.paths.directory / "prompt.md";
  if (!command.address.is_phase()) attempt.paths.plan = attempt.paths.directory / "plan.md";
  // In place the run directory itself lies inside the workspace.
  const fs::path output_home = shared.is_in_place()
                                   ? attempt.paths.directory
                                   : attempt.paths.workspace / ".konductor" / "runs" / attempt.name;
  attempt.paths.output = output_home / "output.md";
  attempt.paths.schema = attempt.paths.directory / "schema.json";
  return attempt;
}

Result<std::string> keep_aside(RunShared& shared, const Attempt& attempt) {
  PlanTree& tree = *attempt.tree;
  const std::string& run = tree.left_by_attempt.empty() ? attempt.run : tree.left_by_run;
  const std::string& name = tree.left_by_attempt.empty() ? attempt.name : tree.left_by_attempt;
  // Commits beyond where the attempt began are work that goes, too.
  tree.workspace.head = attempt.head;
  return shared.ports.workspaces.save_aside(tree.workspace, run, name);
}

Result<void> reset_tree(RunShared& shared, const Attempt& attempt) {
  KON_TRY_VOID(shared.ports.workspaces.reset(attempt.tree->workspace, attempt.head));
  attempt.tree->clean_at = attempt.head;
  return {};
}

Result<std::string> put_tree_back(RunShared& shared, const Attempt& attempt) {
  KON_TRY(std::string kept, keep_aside(shared, attempt));
  KON_TRY_VOID(reset_tree(shared, attempt));
  return kept;
}

}  // namespace konductor::driver
