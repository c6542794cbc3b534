// SPDX-License-Identifier: MIT
#include "driver/leftovers.hpp"

#include "driver/attempt_environment.hpp"
#include "engine/run_machine.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// The attempt whose mark the task's processes carry; "" when nothing of it can be at work.
fs::path attempt_at_work(const engine::RunState& state, const engine::TaskRecord& task) {
  if (const auto* active = std::get_if<engine::state::active>(&task.state); active != nullptr)
    return fs::path(run_of_attempt(state, *active)) /
           engine::attempt_name(task.address, to_string(engine::role_of(active->action)),
                                active->attempt);
  // A verify command carries its attempt's mark, and the task is then due for its gates.
  const auto* due = std::get_if<engine::state::due>(&task.state);
  const auto accepted = task.accepted.find(RoleName::executor);
  if (due == nullptr || due->action != engine::Action::check_gates ||
      accepted == task.accepted.end())
    return {};
  return fs::path(state.last_run_id()) /
         engine::attempt_name(task.address, "executor", accepted->second);
}

// Directories below that of all runs.
std::vector<fs::path> attempts_at_work(const engine::RunState& state,
                                       const std::set<TaskAddress>& adopted) {
  std::vector<fs::path> names;
  for (const auto& [number, record] : state.plans()) {
    std::vector<const engine::TaskRecord*> tasks = state.tasks_of(number);
    if (const engine::TaskRecord* fix = state.merge_fix(number); fix != nullptr)
      tasks.push_back(fix);
    for (const engine::TaskRecord* task : tasks) {
      if (adopted.count(task->address) != 0) continue;
      if (fs::path name = attempt_at_work(state, *task); !name.empty())
        names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace

std::string run_of_attempt(const engine::RunState& state, const engine::state::active& active) {
  return active.started_in.empty() ? state.last_run_id() : active.started_in;
}

std::vector<std::string> leftover_tokens(const engine::RunState& state, const ProjectLayout& layout,
                                         const std::set<TaskAddress>& adopted) {
  std::vector<std::string> tokens;
  for (const fs::path& name : attempts_at_work(state, adopted))
    tokens.push_back(attempt_token(layout.runs() / name / "prompt.md"));
  return tokens;
}

std::vector<fs::path> leftover_directories(const engine::RunState& state,
                                           const ProjectLayout& layout,
                                           const std::set<TaskAddress>& adopted) {
  if (state.last_run_id().empty()) return {};
  const fs::path run = layout.run_directory(state.last_run_id());
  std::vector<fs::path> directories = {run / "setup", run / "delivery"};
  for (const fs::path& name : attempts_at_work(state, adopted))
    directories.push_back(layout.runs() / name);
  return directories;
}

}  // namespace konductor::driver
