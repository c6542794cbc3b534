// SPDX-License-Identifier: MIT
#include "driver/leftovers.hpp"

#include "driver/attempt_environment.hpp"
#include "engine/run_machine.hpp"

namespace konductor::driver {
namespace {

// The attempt whose mark the task's processes carry; "" when nothing of it can be at work.
std::string attempt_at_work(const engine::TaskRecord& task) {
  if (const auto* active = std::get_if<engine::state::active>(&task.state); active != nullptr)
    return engine::attempt_name(task.address, to_string(engine::role_of(active->action)),
                                active->attempt);
  // A verify command carries its attempt's mark, and the task is then due for its gates.
  const auto* due = std::get_if<engine::state::due>(&task.state);
  const auto accepted = task.accepted.find(RoleName::executor);
  if (due == nullptr || due->action != engine::Action::check_gates ||
      accepted == task.accepted.end())
    return {};
  return engine::attempt_name(task.address, "executor", accepted->second);
}

std::vector<std::string> attempts_at_work(const engine::RunState& state) {
  std::vector<std::string> names;
  for (const auto& [number, record] : state.plans()) {
    std::vector<const engine::TaskRecord*> tasks = state.tasks_of(number);
    if (const engine::TaskRecord* fix = state.merge_fix(number); fix != nullptr)
      tasks.push_back(fix);
    for (const engine::TaskRecord* task : tasks)
      if (std::string name = attempt_at_work(*task); !name.empty())
        names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

std::vector<std::string> leftover_tokens(const engine::RunState& state,
                                         const ProjectLayout& layout) {
  const std::filesystem::path run = layout.run_directory(state.last_run_id());
  std::vector<std::string> tokens;
  for (const std::string& name : attempts_at_work(state))
    tokens.push_back(attempt_token(run / name / "prompt.md"));
  return tokens;
}

std::vector<std::filesystem::path> leftover_directories(const engine::RunState& state,
                                                        const ProjectLayout& layout) {
  if (state.last_run_id().empty()) return {};
  const std::filesystem::path run = layout.run_directory(state.last_run_id());
  std::vector<std::filesystem::path> directories = {run / "setup", run / "delivery"};
  for (const std::string& name : attempts_at_work(state))
    directories.push_back(run / name);
  return directories;
}

}  // namespace konductor::driver
