// SPDX-License-Identifier: MIT
// What people ask for while the engine is at work: recorded at once, done as soon as nothing that
// it concerns is in flight.
#include <algorithm>
#include <csignal>

#include "engine/request_answer.hpp"
#include "engine/run_machine.hpp"

namespace konductor::engine {
namespace {

// Ended without being complete: it can begin anew while the run goes on.
bool has_ended_short(const TaskRecord& task) {
  return is<state::failed>(task) || is<state::blocked>(task) || is<state::needs_manual>(task) ||
         is<state::skipped>(task);
}

}  // namespace

void RunMachine::on(const Requested& requested) {
  const Request& request = requested.request;
  const bool is_known =
      state_.has_taken(request.id) ||
      std::any_of(deferred_.begin(), deferred_.end(),
                  [&request](const Request& other) { return other.id == request.id; });
  if (is_known) return;
  if (is_due_later(request))
    deferred_.push_back(request);
  else
    take(request);
}

// What tells of the task is being written: it says that the task is settled, and must be true.
bool RunMachine::is_due_later(const Request& request) const {
  return request.action == RequestAction::unblock && filing_.count(request.address) != 0;
}

void RunMachine::take_deferred() {
  const std::deque<Request> waiting = std::exchange(deferred_, {});
  for (const Request& request : waiting)
    on(Requested{request});
}

void RunMachine::take(const Request& request) {
  const std::string phase = state_.last_run() == nullptr ? "" : state_.last_run()->phase;
  RequestAnswer answer = answer_request(state_, request, phase, true);
  for (EventBody& body : answer.events)
    emit(std::move(body));
  if (!answer.refusal.empty()) return;
  const TaskAddress& address = request.address;
  switch (request.action) {
    case RequestAction::stop:
      if (!stop_signal_) stop_signal_ = SIGINT;
      is_stopping_at_once_ = is_stopping_at_once_ || request.is_immediate;
      return;
    case RequestAction::skip:
      cancel_attempts(address);
      return;
    case RequestAction::unblock:
      unfiled_.erase(address);
      reopen(address.plan);
      return;
    case RequestAction::pause:
    case RequestAction::resume:
    case RequestAction::tell:
    case RequestAction::retry:
      return;
  }
}

// What is left out need not be waited for.
void RunMachine::cancel_attempts(const TaskAddress& address) {
  for (const TaskAddress& busy : busy_tasks_) {
    const bool is_meant = address.is_merge() ? busy.plan == address.plan : busy == address;
    const TaskRecord* task = state_.task(busy);
    if (is_meant && task != nullptr && is<state::active>(*task))
      request(command::cancel_attempt{busy});
  }
}

// Nothing of the task is in flight, and what tells of it is on disk.
bool RunMachine::is_at_rest(const TaskAddress& address) const {
  const TaskRecord* task = state_.task(address);
  return task != nullptr && !is<state::active>(*task) && busy_tasks_.count(address) == 0 &&
         filing_.count(address) == 0 && unfiled_.count(address) == 0;
}

bool RunMachine::is_plan_at_rest(int plan) const {
  return running_.count(plan) == 0 && busy_plans_.count(plan) == 0;
}

void RunMachine::fulfil_wishes() {
  if (is_stopping()) return;
  fulfil_skips();
  fulfil_retries();
}

void RunMachine::fulfil_skips() {
  const auto wanted = state_.wanted_skips();
  for (const auto& [address, reason] : wanted) {
    const TaskRecord* task = state_.task(address);
    if (task == nullptr || is<state::split>(*task) || is<state::completed>(*task)) continue;
    if (!is_at_rest(address)) continue;
    emit(event::task_skipped{address.plan, address.task, reason});
    reopen(address.plan);
  }
}

// A task whose plan goes on with others runs again behind them; one that is complete waits for the
// next run, which makes room for it.
void RunMachine::fulfil_retries() {
  const std::set<TaskAddress> wanted = state_.wanted_retries();
  for (const TaskAddress& address : wanted) {
    const PlanRecord* plan = state_.plan(address.plan);
    if (plan == nullptr || address.is_phase() || is_complete(*plan) ||
        !is_plan_at_rest(address.plan))
      continue;
    const bool is_of_plan = address.is_merge();
    const TaskRecord* task = state_.task(address);
    const bool is_possible = is_of_plan
                                 ? !plan->skip_reason.empty() && task == nullptr
                                 : task != nullptr && has_ended_short(*task) && is_at_rest(address);
    if (!is_possible) continue;
    emit(event::task_reset{address.plan, address.task, "retry"});
    reopen(address.plan);
  }
}

// The plan, and those that were skipped for its sake, have their turn again in this run.
void RunMachine::reopen(int number) {
  if (!is_wanted(number) || !is_plan_at_rest(number) || !schedule_.is_settled(number)) return;
  schedule_.reopen(number);
  for (const auto& [other, record] : state_.plans()) {
    const auto& needed = record.definition.depends_on;
    const bool was_skipped =
        std::holds_alternative<plan_state::skipped>(record.state) && record.skip_reason.empty();
    if (was_skipped && std::find(needed.begin(), needed.end(), number) != needed.end())
      reopen(other);
  }
}

void RunMachine::on(const TimeIsUp& time) {
  time_used_ = time.seconds;
}

// Told only when it keeps something from being done.
void RunMachine::reach_time_limit() {
  if (!time_used_ || !is_going_on()) return;
  if (!has_work_left()) return;
  event::budget_reached reached;
  reached.scope = "run";
  reached.resource = "seconds";
  reached.used = *time_used_;
  reached.limit = rules_.seconds_max;
  reached_.push_back(reached);
  emit(std::move(reached));
}

bool RunMachine::has_work_left() const {
  const bool is_review_left =
      is_holistic_due() && !is_complete(*state_.plan(0)) && !is<state::blocked>(state_.holistic());
  return !running_.empty() || !schedule_.is_finished() || is_review_left;
}

bool RunMachine::is_held_back() const {
  return state_.is_paused() && is_going_on() && has_work_left();
}

}  // namespace konductor::engine
