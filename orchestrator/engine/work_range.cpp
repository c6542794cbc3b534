// SPDX-License-Identifier: MIT
#include "engine/work_range.hpp"

#include "base/text.hpp"

namespace konductor::engine {
namespace {

Error nothing(const std::string& why) {
  return Error{ErrorCode::invalid_input, why};
}

}  // namespace

Result<WorkRange> task_range(const WorkHistory& history, const TaskAddress& address,
                             const std::string& phase) {
  const std::string name =
      (address.is_phase() ? "" : "task ") + quote(address_text(phase, address));
  const TaskWork* task = history.task(address);
  if (task == nullptr)
    return nothing(name + " has not begun; `konductor status " + phase + "` shows what has");
  if (task->start.empty())
    return nothing(name +
                   " was taken over from its summary file: the journal does not know between "
                   "which commits it was done");
  if (task->is_rolled_back) {
    std::string why = name + " was rolled back and has not begun again";
    if (!task->head.empty())
      why += "; what it had done: `git diff " + task->start + " " + task->head + "`";
    return nothing(why);
  }
  if (task->head.empty())
    return nothing(name + " has begun, but no attempt of it has ended with work to show yet");
  return WorkRange{task->start, task->head};
}

Result<WorkRange> plan_range(const WorkHistory& history, int plan, const std::string& phase) {
  const std::string name = "plan " + quote(plan_address_text(phase, plan));
  const PlanWork* work = history.plan(plan);
  if (work == nullptr)
    return nothing(name + " has not begun; `konductor status " + phase + "` shows what has");
  if (work->base.empty())
    return nothing(name +
                   " was taken over from its summary files: the journal does not know "
                   "between which commits it was done");
  return WorkRange{work->base, work->head};
}

}  // namespace konductor::engine
