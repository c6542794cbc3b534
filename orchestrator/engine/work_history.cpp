// SPDX-License-Identifier: MIT
#include "engine/work_history.hpp"

#include "base/overloaded.hpp"
#include "engine/run_machine.hpp"
#include "engine/task_state.hpp"

namespace konductor::engine {

void WorkHistory::apply(const Event& event) {
  if (!event.run.empty()) runs_.insert(event.run);
  std::visit(
      [&](const auto& body) {
        if constexpr (requires { on(event, body); }) on(event, body);
      },
      event.body);
}

const TaskWork* WorkHistory::task(const TaskAddress& address) const {
  const auto found = tasks_.find(address);
  return found == tasks_.end() ? nullptr : &found->second;
}

const PlanWork* WorkHistory::plan(int number) const {
  const auto found = plans_.find(number);
  return found == plans_.end() ? nullptr : &found->second;
}

void WorkHistory::on(const Event&, const event::workspace_prepared& prepared) {
  if (phase_base_.empty()) phase_base_ = prepared.base;
  if (prepared.plan == 0) {
    TaskWork& review = tasks_[kPhaseAddress];
    if (review.start.empty()) review.start = prepared.base;
  }
  PlanWork& plan = plans_[prepared.plan];
  // A branch that is merged already has nothing of its own any more: what it had is known better.
  const bool has_work = plan.head != plan.base;
  if (has_work && prepared.base == prepared.head) return;
  plan.base = prepared.base;
  plan.head = prepared.head;
}

void WorkHistory::on(const Event&, const event::task_started& started) {
  TaskWork& task = tasks_[{started.plan, started.task}];
  task = TaskWork{};
  task.start = started.commit;
}

void WorkHistory::on(const Event& event, const event::attempt_finished& finished) {
  if (finished.cause != "done" || finished.commit.empty()) return;
  const TaskAddress address{finished.plan, finished.task};
  TaskWork& task = tasks_[address];
  task.head = finished.commit;
  task.run = event.run;
  task.attempt = attempt_name(address, finished.role, finished.attempt);
  // A fix of its merge holds the other side, too.
  if (!address.is_merge()) plans_[finished.plan].head = finished.commit;
}

void WorkHistory::on(const Event&, const event::task_completed& completed) {
  TaskWork& task = tasks_[{completed.plan, completed.task}];
  PlanWork& plan = plans_[completed.plan];
  // Taken over from a marker file there is none.
  if (completed.commit.empty()) return;
  task.head = completed.commit;
  plan.head = completed.commit;
}

void WorkHistory::on(const Event&, const event::task_reset& reset) {
  if (reset.reason != kRolledBack) return;
  const auto task = tasks_.find({reset.plan, reset.task});
  if (task == tasks_.end()) return;
  task->second.is_rolled_back = true;
  if (!task->second.start.empty()) plans_[reset.plan].head = task->second.start;
}

// What comes now is made on top of what was merged.
void WorkHistory::on(const Event&, const event::plan_reopened& reopened) {
  plans_.erase(reopened.plan);
}

void WorkHistory::on(const Event&, const event::merge_finished& merged) {
  if (merged.result != "conflict") phase_head_ = merged.commit;
}

}  // namespace konductor::engine
