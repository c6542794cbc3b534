// SPDX-License-Identifier: MIT
#include "engine/recovery.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace konductor::engine {
namespace {

class Recoverer {
 public:
  Recoverer(const RunState& state, const MarkersOnDisk& markers, const RetryRequest& retry,
            const std::set<TaskAddress>& adoptable)
      : state_(state),
        markers_(markers),
        retry_(retry),
        is_any_named_(!retry.tasks.empty()),
        adoptable_(adoptable) {
    add_wishes();
  }

  Result<Recovery> run() {
    if (!state_.has_events()) rebuild_from_markers();
    KON_TRY_VOID(check_retries());
    if (are_all_markers_gone() && !retry_.is_rebuilding_markers) {
      if (!is_any_named_)
        return Error{
            ErrorCode::invalid_input,
            "the journal knows completed tasks, but all of their summary files are gone "
            "(another branch, or a fresh clone?): write them again with --rebuild-markers, or "
            "run single tasks again with --retry PHASE/PLAN/TASK"};
      recovery_.refiles = true;
    }
    // Whether the phase's review is of what there will be is known behind the plans; what puts a
    // plan back puts the review back, too, so that its attempt is ended before.
    std::vector<EventBody> rebuilt = std::exchange(recovery_.events, {});
    for (const auto& [number, plan] : state_.plans())
      if (number != 0) recover_plan(number, plan);
    std::vector<EventBody> of_plans = std::exchange(recovery_.events, std::move(rebuilt));
    if (const PlanRecord* phase = state_.plan(0); phase != nullptr) recover_plan(0, *phase);
    std::move(of_plans.begin(), of_plans.end(), std::back_inserter(recovery_.events));
    return std::move(recovery_);
  }

 private:
  // What a person asked for between two runs; plans that were edited since may have no such task.
  void add_wishes() {
    for (const TaskAddress& address : state_.wanted_retries()) {
      const TaskRecord* task = state_.task(address);
      const bool is_possible = address.is_merge() ? check_merge_retry(address).has_value()
                                                  : task != nullptr && !is<state::split>(*task);
      if (is_possible) retry_.tasks.insert(address);
    }
  }

  std::string name_of(const TaskAddress& address) const {
    if (!retry_.phase.empty()) return address_text(retry_.phase, address);
    const std::string plan = plan_text(address.plan);
    return address.is_merge() ? plan : plan + "/" + std::to_string(address.task);
  }

  void rebuild_from_markers() {
    bool is_phase_complete = true;
    for (const auto& [number, plan] : state_.plans()) {
      if (number == 0) continue;
      bool is_complete = true;
      for (const TaskDefinition& task : plan.definition.tasks) {
        const TaskAddress address{number, task.task};
        if (markers_.tasks.count(address) == 0) {
          is_complete = false;
          continue;
        }
        add(event::task_completed{number, task.task, "", task.fingerprint, true});
        add(event::marker_filed{number, task.task, {}});
        if (retry_.tasks.count(address) == 0) continue;
        add(event::task_reset{number, task.task, "retry"});
        is_complete = false;
      }
      is_complete = is_complete && markers_.plans.count(number) != 0;
      is_phase_complete = is_phase_complete && is_complete;
      if (!is_complete) continue;
      add(event::plan_completed{number, true});
      add(event::marker_filed{number, 0, {}});
    }
    // A review of fewer plans than there are now says nothing of the phase.
    const bool is_review_wanted = retry_.tasks.count(kPhaseAddress) != 0;
    if (is_phase_complete && markers_.is_phase_reviewed && !is_review_wanted) {
      add(event::holistic_finished{"pass", ""});
      add(event::marker_filed{0, 0, {}});
    }
    if (!recovery_.events.empty())
      recovery_.notes.push_back(
          "the journal was missing; what is complete was taken over from the marker files");
  }

  Result<void> check_retries() const {
    for (const TaskAddress& address : retry_.tasks) {
      if (address.is_merge()) {
        KON_TRY_VOID(check_merge_retry(address));
        continue;
      }
      const TaskRecord* task = state_.task(address);
      if (task == nullptr)
        return Error{ErrorCode::invalid_input,
                     "no task " + name_of(address) + " in this phase; see `konductor plan list`"};
      if (is<state::split>(*task))
        return Error{ErrorCode::invalid_input,
                     "task " + name_of(address) +
                         " was split; retry one of its sub-tasks (see `konductor status`)"};
    }
    return {};
  }

  // Only what was given up is begun anew.
  Result<void> check_merge_retry(const TaskAddress& address) const {
    const PlanRecord* plan = state_.plan(address.plan);
    if (plan == nullptr)
      return Error{ErrorCode::invalid_input,
                   "no plan " + name_of(address) + " in this phase; see `konductor plan list`"};
    const TaskRecord* fix = state_.merge_fix(address.plan);
    const bool is_complete = std::holds_alternative<plan_state::completed>(plan->state);
    if (!plan->skip_reason.empty()) return {};
    if (!is_complete && fix != nullptr && is_settled(fix->state)) return {};
    const std::string why = is_complete      ? "it is complete"
                            : fix == nullptr ? "its merge has not failed"
                                             : "the fix of its merge goes on without it";
    return Error{ErrorCode::invalid_input,
                 "plan " + name_of(address) + " has nothing to retry: " + why +
                     " (a task of it runs again with --retry " +
                     name_of({address.plan, plan->order.empty() ? 1 : plan->order.front()}) + ")"};
  }

  bool is_missing(const TaskRecord& task) const {
    return is<state::completed>(task) && task.was_filed && !task.address.is_phase() &&
           markers_.tasks.count(task.address) == 0;
  }

  // Another branch or a fresh clone, and no person who wants tasks to run again.
  bool are_all_markers_gone() const {
    int filed = 0;
    int missing = 0;
    for (const auto& [number, plan] : state_.plans()) {
      for (const TaskRecord* task : state_.tasks_of(number)) {
        if (task->was_filed && is<state::completed>(*task) && number != 0) ++filed;
        if (is_missing(*task)) ++missing;
      }
      if (number == 0 || !std::holds_alternative<plan_state::completed>(plan.state)) continue;
      if (plan.was_filed) ++filed;
      if (plan.was_filed && markers_.plans.count(number) == 0) ++missing;
    }
    return filed != 0 && missing == filed;
  }

  void recover_plan(int number, const PlanRecord& plan) {
    std::string reopened;
    if (const TaskRecord* fix = state_.merge_fix(number); fix != nullptr) {
      end_attempt(*fix);
    }
    // Of a plan that was skipped, it takes that back.
    if (number != 0 && retry_.tasks.count({number, 0}) != 0)
      add(event::task_reset{number, 0, "retry"});
    bool is_earlier_reset = false;
    for (const TaskRecord* task : state_.tasks_of(number)) {
      const std::string reset = recover_task(*task, is_earlier_reset);
      if (!reset.empty()) is_earlier_reset = true;
      const bool is_open = !reset.empty() || !is_settled(task->state);
      if (is_open && reopened.empty() && number != 0)
        reopened =
            "task " + name_of(task->address) + (reset.empty() ? " was added" : " runs again");
    }
    if (number == 0 || !std::holds_alternative<plan_state::completed>(plan.state)) return;
    if (!reopened.empty()) {
      add(event::plan_reopened{number, reopened});
      is_any_reopened_ = true;
    } else if (plan.was_filed && markers_.plans.count(number) == 0) {
      recovery_.unfiled_plans.insert(number);
    }
  }

  // After a review that passed only a plan that it has not seen is so.
  bool is_plan_open() const {
    return std::any_of(state_.plans().begin(), state_.plans().end(), [](const auto& entry) {
      return entry.first != 0 && !std::holds_alternative<plan_state::completed>(entry.second.state);
    });
  }

  // Returns why the task runs again from the start, or "".
  std::string recover_task(const TaskRecord& task, bool is_earlier_reset) {
    const TaskAddress address = task.address;
    std::string reason = reset_reason(task);
    // Its tree would be put back to before what the earlier task is going to do.
    const bool is_under_way = !is_settled(task.state) && !is<state::waiting>(task);
    if (reason.empty() && is_earlier_reset && is_under_way) reason = "an earlier task runs again";
    const bool is_left_out = state_.wanted_skips().count(address) != 0;
    const bool is_outdated = address.is_phase() && (is_any_reopened_ || is_plan_open());
    if (reason.empty() && !is_left_out && !is_outdated && is<state::active>(task) &&
        adoptable_.count(address) != 0)
      recovery_.adopted.insert(address);
    else
      end_attempt(task);
    if (reason.empty())
      note_edits(task);
    else
      add(event::task_reset{address.plan, address.task, reason});
    return reason;
  }

  void end_attempt(const TaskRecord& task) {
    if (auto cut_off = interrupted_attempt(task); cut_off) add(std::move(*cut_off));
  }

  std::string reset_reason(const TaskRecord& task) const {
    const bool is_left_out = state_.wanted_skips().count(task.address) != 0;
    if (retry_.tasks.count(task.address) != 0 && (!is<state::waiting>(task) || is_left_out))
      return "retry";
    if (is<state::blocked>(task) && retry_.all_blocked) return "retry_blocked";
    if (is<state::failed>(task)) return "failed in an earlier run";
    if (task.address.is_phase() && is<state::completed>(task) && is_plan_open())
      return "a plan was added";
    const bool are_kept = retry_.is_rebuilding_markers || recovery_.refiles;
    if (!are_kept && is_missing(task)) return "its summary file was removed";
    return {};
  }

  void note_edits(const TaskRecord& task) {
    if (!is<state::completed>(task) || task.fingerprint.empty() || task.sub_task) return;
    const std::string now = state_.fingerprint_of(task.address);
    if (now.empty() || now == task.fingerprint) return;
    recovery_.notes.push_back("task " + name_of(task.address) +
                              " is complete, but its text was changed since; it is left alone "
                              "(run it again with --retry " +
                              name_of(task.address) + ")");
  }

  void add(EventBody body) { recovery_.events.push_back(std::move(body)); }

  const RunState& state_;
  const MarkersOnDisk& markers_;
  RetryRequest retry_;  // And what was asked for before.
  bool is_any_named_;
  const std::set<TaskAddress>& adoptable_;
  bool is_any_reopened_ = false;
  Recovery recovery_;
};

}  // namespace

std::optional<event::attempt_finished> interrupted_attempt(const TaskRecord& task) {
  const auto* active = std::get_if<state::active>(&task.state);
  if (active == nullptr) return std::nullopt;
  event::attempt_finished finished;
  finished.plan = task.address.plan;
  finished.task = task.address.task;
  finished.role = to_string(role_of(active->action));
  finished.reason = attempt_reason(task, active->action);
  finished.attempt = active->attempt;
  finished.cause = "interrupted";
  finished.detail = "the engine ended before the attempt did";
  return finished;
}

Result<Recovery> recover(const RunState& state, const MarkersOnDisk& markers,
                         const RetryRequest& retry, const std::set<TaskAddress>& adoptable) {
  return Recoverer(state, markers, retry, adoptable).run();
}

}  // namespace konductor::engine
