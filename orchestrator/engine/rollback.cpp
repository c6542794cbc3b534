// SPDX-License-Identifier: MIT
#include "engine/rollback.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "engine/recovery.hpp"

namespace konductor::engine {
namespace {

bool is_waiting(const TaskRecord& task) {
  return std::holds_alternative<state::waiting>(task.state);
}

bool is_split(const TaskRecord& task) {
  return std::holds_alternative<state::split>(task.state);
}

Error refused(const std::string& why) {
  return Error{ErrorCode::invalid_input, why};
}

Result<void> check_merged(const PlanRecord& plan, const std::string& name,
                          const TaskAddress& address, const std::string& phase) {
  const bool is_complete = std::holds_alternative<plan_state::completed>(plan.state);
  if (!plan.is_merged && !is_complete) return {};
  const std::string address_of_plan = plan_address_text(phase, address.plan);
  return refused("plan " + quote(address_of_plan) +
                 " is merged already, and later plans may build on it: run the task again on top "
                 "of it with `konductor execute " +
                 phase + " --retry " + name + "`, or take the work back by hand (`konductor diff " +
                 name + "` shows it, `git revert` undoes its commits)");
}

Result<void> check_task(const TaskRecord& task, const std::string& name, const std::string& phase) {
  if (const auto* split = std::get_if<state::split>(&task.state); split != nullptr) {
    const int first = split->tasks.empty() ? 0 : split->tasks.front();
    return refused("task " + quote(name) + " was split: roll back its first part, " +
                   quote(address_text(phase, {task.address.plan, first})) + ", or an earlier task");
  }
  if (!task.start_commit.empty()) return {};
  if (is_waiting(task))
    return refused("task " + quote(name) +
                   " has not started, so there is nothing to roll back; `konductor status " +
                   phase + "` shows what is done");
  return refused("the journal knows no state of the plan's branch before task " + quote(name) +
                 " (it was merged or taken over from its summary file, or an earlier task ran "
                 "again since): run it again with `konductor execute " +
                 phase + " --retry " + name + "`, or roll back an earlier task");
}

}  // namespace

Result<Rollback> decide_rollback(const RunState& state, const WorkHistory& history,
                                 const TaskAddress& address, const std::string& phase) {
  const std::string name = address_text(phase, address);
  if (address.is_phase())
    return refused(
        "the holistic review is no task of a plan: do it again with `konductor execute " + phase +
        " --retry " + name + "`");
  const PlanRecord* plan = state.plan(address.plan);
  const TaskRecord* task = state.task(address);
  if (plan == nullptr || task == nullptr)
    return refused("no task " + quote(name) +
                   "; see `konductor plan list` and `konductor plan show`");
  KON_TRY_VOID(check_merged(*plan, name, address, phase));
  KON_TRY_VOID(check_task(*task, name, phase));
  Rollback rollback;
  rollback.commit = task->start_commit;
  const auto first = std::find(plan->order.begin(), plan->order.end(), address.task);
  for (auto at = first; at != plan->order.end(); ++at) {
    const TaskRecord& later = *state.task({address.plan, *at});
    if (is_split(later)) continue;  // Its parts run again, it itself does not.
    rollback.tasks.push_back(later.address);
    if (is_waiting(later)) continue;
    const TaskWork* work = history.task(later.address);
    rollback.undone.push_back({later.address, std::string(status_name(later.state)),
                               work != nullptr ? *work : TaskWork{}});
  }
  // A fix of its merge conflict is dropped with what it was to merge.
  const TaskRecord* fix = state.merge_fix(address.plan);
  if (auto cut_off = fix != nullptr ? interrupted_attempt(*fix) : std::nullopt; cut_off)
    rollback.events.emplace_back(std::move(*cut_off));
  for (auto undone = rollback.undone.rbegin(); undone != rollback.undone.rend(); ++undone) {
    const TaskAddress& later = undone->address;
    if (auto cut_off = interrupted_attempt(*state.task(later)); cut_off)
      rollback.events.emplace_back(std::move(*cut_off));
    rollback.events.emplace_back(
        event::task_reset{later.plan, later.task, std::string(kRolledBack)});
  }
  return rollback;
}

}  // namespace konductor::engine
