// SPDX-License-Identifier: MIT
#include "engine/lease.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/paths.hpp"

namespace konductor::engine {
namespace {

bool is_inside(const std::string& path, const std::string& directory) {
  if (directory == "./") return true;
  return !directory.empty() && directory.back() == '/' && path.rfind(directory, 0) == 0;
}

bool is_of_the_engine(const std::string& path) {
  const std::string within = "/" + path + "/";
  return within.find("/.git/") != std::string::npos ||
         within.find("/.konductor/") != std::string::npos;
}

bool is_any_overlapping(const std::vector<std::string>& files, const std::string& path) {
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& file) { return is_overlapping(file, path); });
}

bool is_held_by(const RunState& state, const PlanRecord& plan, const std::string& path) {
  for (const TaskDefinition& task : plan.definition.tasks)
    if (is_any_overlapping(task.files, path)) return true;
  for (const TaskRecord* task : state.tasks_of(plan.definition.plan)) {
    if (is_any_overlapping(task->leased, path)) return true;
    if (task->sub_task && is_any_overlapping(task->sub_task->files, path)) return true;
  }
  return false;
}

// Why the path is not given to the plan, or "".
std::string refusal(const RunState& state, int plan, const std::string& path) {
  if (plan::path_problem(path) != plan::PathProblem::none) return "it is not in the repository";
  if (is_of_the_engine(path)) return "that is the engine's";
  for (const auto& [number, record] : state.plans()) {
    const bool is_under_way = std::holds_alternative<plan_state::running>(record.state);
    if (number != plan && number != 0 && is_under_way && is_held_by(state, record, path))
      return "plan " + plan_text(number) + ", which is under way, has it";
  }
  return {};
}

}  // namespace

bool is_overlapping(const std::string& left, const std::string& right) {
  const std::string one = plan::normalize_path(left);
  const std::string other = plan::normalize_path(right);
  return one == other || is_inside(one, other) || is_inside(other, one);
}

LeaseAnswer answer_lease(const RunState& state, const TaskAddress& address) {
  LeaseAnswer answer;
  std::string refused;
  const TaskRecord* task = state.task(address);
  if (task == nullptr) return answer;
  for (const std::string& wanted : task->files_needed) {
    const std::string why = refusal(state, address.plan, wanted);
    if (!why.empty())
      refused += "\n- `" + wanted + "`: " + why;
    else
      answer.granted.push_back(plan::normalize_path(wanted));
  }
  if (!answer.granted.empty())
    answer.text = "You may write now, too: `" + join(answer.granted, "`, `") + "`.";
  if (refused.empty()) return answer;
  if (!answer.text.empty()) answer.text += "\n\n";
  answer.text += "You may not write:" + refused;
  return answer;
}

}  // namespace konductor::engine
