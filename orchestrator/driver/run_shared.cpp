// SPDX-License-Identifier: MIT
#include "driver/run_shared.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "driver/workspace_paths.hpp"
#include "records/markers.hpp"

namespace konductor::driver {
namespace {

TaskText text_of(const engine::SubTask& task) {
  TaskText text;
  text.title = task.title;
  text.files = task.files;
  text.verify = task.verify;
  text.markdown = "### Task " + std::to_string(task.task) + ": " + task.title + "\n\n";
  std::vector<std::string> files;
  for (const std::string& file : task.files)
    files.push_back("`" + file + "`");
  text.markdown += "- **files:** " + (files.empty() ? "none" : join(files, ", ")) + "\n";
  text.markdown += "- **action:** " + task.action + "\n";
  text.markdown += "- **verify:** " + task.verify + "\n";
  text.markdown += "- **done:** " + task.done + "\n";
  return text;
}

// The fix of a merge conflict as a task.
engine::SubTask merge_task(const RunShared& shared, int plan) {
  const ports::ConflictLabels labels = conflict_labels(shared.facts, plan);
  engine::SubTask task;
  task.title = "Merge " + labels.ours + " with what was merged before it";
  task.files = shared.state().plan(plan)->conflicts;
  task.action = "Bring both sides together in the files that conflict (" + labels.ours + " and " +
                labels.theirs + "), and change others only where that asks for it.";
  task.verify = "The verify commands of the plans that changed these files hold.";
  task.done = "The purpose of either side is kept, and no conflict marker is left.";
  return task;
}

}  // namespace

Task<Result<std::string>> RunShared::document(std::string name) {
  ports::Journal& journal = ports.journal;
  auto read = [&journal, name] { return journal.document(name); };
  Result<std::optional<std::string>> found = co_await offload(ports.journal_pool, std::move(read));
  if (found.has_error()) co_return found.error();
  co_return found.value().value_or(std::string());
}

Task<Result<std::string>> RunShared::accepted_document(TaskAddress address, RoleName role) {
  const engine::TaskRecord* task = state().task(address);
  if (task == nullptr) co_return std::string();
  const auto accepted = task->accepted.find(role);
  if (accepted != task->accepted.end()) {
    std::string name = engine::attempt_name(address, to_string(role), accepted->second);
    Result<std::string> text = co_await document(std::move(name));
    co_return text;
  }
  // Taken over from its marker, without a journal.
  if (role != RoleName::executor || address.is_phase()) co_return std::string();
  const std::string file =
      records::marker_file_name({records::MarkerKind::task_summary, address.plan, address.task});
  Result<std::string> text = ports.files.read(facts.phase.plans() / file);
  if (text.has_error()) co_return std::string();
  co_return text;
}

std::vector<int> plans_in_conflict(const RunShared& shared, int plan) {
  std::vector<int> found;
  const std::vector<std::string>& paths = shared.state().plan(plan)->conflicts;
  const auto declares_one = [&paths](const plan::Task& task) {
    return std::any_of(paths.begin(), paths.end(), [&task](const std::string& path) {
      return std::any_of(task.files.begin(), task.files.end(),
                         [&path](const std::string& file) { return covers(file, path); });
    });
  };
  for (const auto& [number, other] : shared.facts.plans) {
    const engine::PlanRecord* record = shared.state().plan(number);
    if (number == plan || record == nullptr || !record->is_merged) continue;
    if (std::any_of(other.tasks.begin(), other.tasks.end(), declares_one)) found.push_back(number);
  }
  return found;
}

ports::ConflictLabels conflict_labels(const RunFacts& facts, int plan) {
  return {"plan " + plan_text(plan), "konductor/" + facts.phase.id + "/main"};
}

TaskText task_text(const RunShared& shared, const TaskAddress& address) {
  const engine::TaskRecord* record = shared.state().task(address);
  if (record != nullptr && record->sub_task) return text_of(*record->sub_task);
  if (address.is_merge()) return text_of(merge_task(shared, address.plan));
  TaskText text;
  const plan::Plan* plan = shared.plan(address.plan);
  if (plan == nullptr) return text;
  for (const plan::Task& task : plan->tasks) {
    if (task.number != address.task) continue;
    text.title = task.title;
    text.files = task.files;
    text.verify = task.verify;
    text.markdown = task.text;
  }
  return text;
}

}  // namespace konductor::driver
