// SPDX-License-Identifier: MIT
#include "simulation/auditor.hpp"

#include <algorithm>

namespace konductor::test {

namespace event = engine::event;

std::string name_of(const TaskAddress& task) {
  return std::to_string(task.plan) + "/" + std::to_string(task.task);
}

void Auditor::complain(const std::string& text) {
  if (complaint_.empty()) complaint_ = text;
}

void Auditor::see(const engine::Event& event) {
  seen_.insert(engine::event_name(event.body));
  if (old_runs_.count(event.run) != 0)
    complain("run " + event.run + " wrote to the journal after " + run_ + " had taken the phase");
  std::visit([&](const auto& body) { on(event, body); }, event.body);
}

bool Auditor::are_tasks_completed(int plan) const {
  if (plan == 0) return true;
  const auto is_done = [this](const TaskAddress& task) {
    return completed_.count(task) != 0 || split_.count(task) != 0;
  };
  const auto& tasks = plans_.at(plan).tasks;
  return std::all_of(tasks.begin(), tasks.end(),
                     [&](const auto& task) {
                       return is_done({plan, task.number});
                     }) &&
         std::all_of(sub_tasks_.begin(), sub_tasks_.end(), [&](const auto& entry) {
           return entry.first.plan != plan || is_done(entry.first);
         });
}

bool Auditor::is_under_way(const TaskAddress& task, const std::string& role, int attempt) const {
  const auto found = active_.find(task);
  return found != active_.end() && found->second.role == role && found->second.attempt == attempt;
}

std::size_t Auditor::waiting() const {
  return static_cast<std::size_t>(std::count_if(
      active_.begin(), active_.end(), [](const auto& entry) { return entry.second.is_waiting; }));
}

// Every run has its limits for itself.
void Auditor::on(const engine::Event& event, const event::run_started&) {
  if (!run_.empty()) old_runs_.insert(run_);
  run_ = event.run;
  open_waves_.clear();
  used_.clear();
  is_paused_ = false;
  for (auto& [task, active] : active_)
    active.is_waiting = true;
}

void Auditor::on(const engine::Event&, const event::wave_started& it) {
  if (limits_.has_waves)
    for (const int wave : open_waves_)
      if (wave < it.wave)
        complain("wave " + std::to_string(it.wave) + " began before wave " + std::to_string(wave) +
                 " was over");
  open_waves_.insert(it.wave);
}

void Auditor::on(const engine::Event&, const event::wave_finished& it) {
  if (open_waves_.erase(it.wave) == 0)
    complain("wave " + std::to_string(it.wave) + " ended and was not open");
}

void Auditor::on(const engine::Event&, const event::plan_started& it) {
  const plan::Plan& plan = plans_.at(it.plan);
  for (const int dependency : plan.depends_on)
    if (done_plans_.count(dependency) == 0)
      complain("plan " + std::to_string(it.plan) + " began before plan " +
               std::to_string(dependency) + ", on which it depends, was complete");
  if (limits_.has_waves && !open_waves_.empty() && *open_waves_.begin() < plan.wave)
    complain("plan " + std::to_string(it.plan) + " began before an earlier wave was over");
  if (it.slot < 0 || it.slot >= limits_.attempts_at_once)
    complain("plan " + std::to_string(it.plan) + " got a slot that there is not");
}

void Auditor::on(const engine::Event&, const event::plan_completed& it) {
  if (!are_tasks_completed(it.plan))
    complain("plan " + std::to_string(it.plan) + " was completed before its tasks");
  if (merged_.count(it.plan) == 0)
    complain("plan " + std::to_string(it.plan) + " was completed before it was merged");
  done_plans_.insert(it.plan);
}

void Auditor::on(const engine::Event&, const event::plan_reopened& it) {
  done_plans_.erase(it.plan);
  merged_.erase(it.plan);
  forget_phase_review();
}

void Auditor::on(const engine::Event&, const event::merge_finished& it) {
  if (it.result == "conflict") {
    used_.erase({it.plan, 0});
    return;
  }
  if (!are_tasks_completed(it.plan))
    complain("plan " + std::to_string(it.plan) + " was merged before its tasks were complete");
  if (it.plan != 0 && !merged_.insert(it.plan).second)
    complain("plan " + std::to_string(it.plan) + " was merged twice");
}

void Auditor::on(const engine::Event&, const event::task_started& it) {
  const TaskAddress task{it.plan, it.task};
  if (completed_.count(task) != 0) complain("complete task " + name_of(task) + " began again");
  reviews_.erase(task);
  used_.erase(task);
}

// Independent of how the engine counts: so many of each since the run, or the task, began.
void Auditor::check_limits(const TaskAddress& task, const std::string& role) {
  Used& used = used_[task];
  if (used.crashed_role == role && used.crashes > limits_.crash_retries)
    complain("task " + name_of(task) + " was tried again after " + std::to_string(used.crashes) +
             " failures of its " + role);
  if (used.context_rounds > limits_.context_rounds)
    complain("task " + name_of(task) + " went on after " + std::to_string(used.context_rounds) +
             " questions");
  for (const auto& [stage, rounds] : used.rounds)
    if (rounds > (stage == "holistic" ? limits_.holistic_rounds : limits_.review_rounds))
      complain("task " + name_of(task) + " went on after " + std::to_string(rounds) +
               " rejections (" + stage + ")");
}

void Auditor::on(const engine::Event& event, const event::attempt_started& it) {
  const TaskAddress task{it.plan, it.task};
  const std::string name = name_of(task);
  for (const auto& settled : {&completed_, &failed_, &blocked_, &manual_, &split_, &skipped_})
    if (settled->count(task) != 0) complain("settled task " + name + " was run again");
  if (is_paused_) complain("an attempt at " + name + " began while the run was paused");
  for (const TaskAddress& left_out : {task, TaskAddress{task.plan, 0}})
    if (task.plan != 0 && left_out_.count(left_out) != 0)
      complain("an attempt at " + name + " began although a person wants it skipped");
  notes_due_[task] = notes_[task];
  int& last = attempts_[{task, it.role}];
  if (it.attempt <= last) complain("attempt numbers of " + name + " restart");
  last = it.attempt;
  for (const auto& [other, unused] : active_)
    if (other.plan == it.plan)
      complain("task " + name + " began while " + name_of(other) + " is at work in its tree");
  active_[task] = {it.role, it.attempt, event.run};
  if (active_.size() > static_cast<std::size_t>(limits_.attempts_at_once) + waiting())
    complain("more attempts than allowed at once");
  check_limits(task, it.role);
  // What follows has to be judged anew, by the last stage at least: a fix for the quality
  // reviewer goes back to that one.
  if (it.role != "executor") return;
  gates_.erase(task);
  reviews_[task].erase("quality");
}

void Auditor::on(const engine::Event& event, const event::attempt_adopted& it) {
  const TaskAddress task{it.plan, it.task};
  const auto found = active_.find(task);
  if (found == active_.end() || found->second.role != it.role ||
      found->second.attempt != it.attempt || found->second.run != it.started_in)
    complain("an attempt at " + name_of(task) + " was adopted that was not under way");
  else if (it.started_in == event.run)
    complain("an attempt at " + name_of(task) + " was adopted by its own run");
  else
    found->second.is_waiting = false;
}

void Auditor::on(const engine::Event&, const event::attempt_finished& it) {
  const TaskAddress task{it.plan, it.task};
  const auto found = active_.find(task);
  if (found == active_.end() || found->second.role != it.role ||
      found->second.attempt != it.attempt) {
    complain("an attempt at " + name_of(task) + " ended that was not under way");
    return;
  }
  active_.erase(found);
  if (engine::is_excused(it.cause)) return;
  Used& used = used_[task];
  if (it.cause == "done") {
    used.crashes = 0;
    return;
  }
  failed_attempts_.insert(task);
  used.crashes = used.crashed_role == it.role ? used.crashes + 1 : 1;
  used.crashed_role = it.role;
}

void Auditor::on(const engine::Event&, const event::status_reported& it) {
  if (it.status == "NEEDS_CONTEXT") ++used_[{it.plan, it.task}].context_rounds;
}

void Auditor::on(const engine::Event&, const event::gate_checked& it) {
  const TaskAddress task{it.plan, it.task};
  gates_[task] = it.passed;
  if (!it.passed) ++used_[task].rounds[it.stage];
}

void Auditor::on(const engine::Event&, const event::review_finished& it) {
  const TaskAddress task{it.plan, it.task};
  const bool is_pass = it.verdict == "pass";
  reviews_[task][it.stage] = is_pass;
  if (!is_pass) ++used_[task].rounds[it.stage];
}

void Auditor::settle(const TaskAddress& task) {
  if (active_.count(task) != 0) complain("task " + name_of(task) + " ended before its attempt");
}

void Auditor::on(const engine::Event&, const event::task_completed& it) {
  const TaskAddress task{it.plan, it.task};
  const std::string name = name_of(task);
  settle(task);
  if (!completed_.insert(task).second) complain("task " + name + " was completed twice");
  if (!gates_[task]) complain("task " + name + " was completed without its gates");
  for (const char* stage : {"spec", "quality"})
    if (limits_.is_review_enabled && !reviews_[task][stage])
      complain("task " + name + " was completed without its " + stage + " review");
}

void Auditor::on(const engine::Event&, const event::holistic_finished& it) {
  settle(kPhaseAddress);
  if (it.verdict == "pass") {
    if (!completed_.insert(kPhaseAddress).second) complain("the phase was passed twice");
    return;
  }
  completed_.erase(kPhaseAddress);
  blocked_.insert(kPhaseAddress);
}

void Auditor::on(const engine::Event&, const event::task_failed& it) {
  const TaskAddress task{it.plan, it.task};
  settle(task);
  if (failed_attempts_.count(task) == 0) complain("a task failed without a failed attempt");
  failed_.insert(task);
}

void Auditor::on(const engine::Event&, const event::task_blocked& it) {
  settle({it.plan, it.task});
  blocked_.insert({it.plan, it.task});
}

void Auditor::on(const engine::Event&, const event::task_needs_manual& it) {
  settle({it.plan, it.task});
  manual_.insert({it.plan, it.task});
}

void Auditor::on(const engine::Event&, const event::task_split& it) {
  settle({it.plan, it.task});
  if (sub_tasks_.count({it.plan, it.task}) != 0) complain("a part of a task was split again");
  split_.insert({it.plan, it.task});
  for (const engine::SubTask& part : it.tasks)
    if (!sub_tasks_.emplace(TaskAddress{it.plan, part.task}, part.files).second)
      complain("two parts of tasks have one number");
}

// What was completed runs again only because a person said so.
void Auditor::on(const engine::Event&, const event::task_reset& it) {
  const TaskAddress task{it.plan, it.task};
  const std::string name = name_of(task);
  const bool is_asked_for = retried_.count(task) != 0 || asked_.count(task) != 0;
  if (completed_.count(task) != 0 && !is_asked_for)
    complain("complete task " + name + " was reset: " + it.reason);
  if (it.reason == "failed in an earlier run" && failed_.count(task) == 0)
    complain("task " + name + " was reset as failed, and had not");
  if (it.reason == "retry_blocked" && (!are_blocked_retried_ || blocked_.count(task) == 0))
    complain("task " + name + " was reset as blocked, and nobody wanted that");
  if (it.reason == "retry" && !is_asked_for)
    complain("task " + name + " was reset, and nobody wanted that");
  for (auto* settled : {&completed_, &failed_, &blocked_, &manual_, &skipped_})
    settled->erase(task);
  asked_.erase(task);
  if (it.reason == "retry") left_out_.erase(task);
  used_.erase(task);
  gates_.erase(task);
  reviews_.erase(task);
  forget_phase_review();
}

void Auditor::on(const engine::Event&, const event::task_unblocked& it) {
  const TaskAddress task{it.plan, it.task};
  if (blocked_.erase(task) == 0) complain("task " + name_of(task) + " was freed, and not blocked");
  used_.erase(task);
}

void Auditor::on(const engine::Event&, const event::request_taken& it) {
  if (!requests_.insert(it.request).second) complain("request " + it.request + " was taken twice");
}

void Auditor::on(const engine::Event&, const event::run_paused&) {
  is_paused_ = true;
}

void Auditor::on(const engine::Event&, const event::run_resumed&) {
  is_paused_ = false;
}

void Auditor::on(const engine::Event&, const event::note_given& it) {
  notes_[{it.plan, it.task}].push_back(it.text);
}

void Auditor::on(const engine::Event&, const event::skip_requested& it) {
  left_out_.insert({it.plan, it.task});
}

void Auditor::on(const engine::Event&, const event::retry_requested& it) {
  const TaskAddress task{it.plan, it.task};
  asked_.insert(task);
  left_out_.erase(task);
}

void Auditor::on(const engine::Event&, const event::task_skipped& it) {
  const TaskAddress task{it.plan, it.task};
  const std::string name = name_of(task);
  settle(task);
  if (left_out_.count(task) == 0) complain("task " + name + " was skipped, and nobody wanted that");
  for (const auto& settled : {&completed_, &split_})
    if (settled->count(task) != 0) complain("task " + name + " was skipped after its end");
  for (auto* settled : {&failed_, &blocked_, &manual_})
    settled->erase(task);
  skipped_.insert(task);
}

// It has not seen what runs again.
void Auditor::forget_phase_review() {
  for (auto* settled : {&completed_, &blocked_})
    settled->erase(kPhaseAddress);
  used_.erase(kPhaseAddress);
}

}  // namespace konductor::test
