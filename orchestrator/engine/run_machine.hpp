// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/budget.hpp"
#include "engine/command.hpp"
#include "engine/outcome.hpp"
#include "engine/run_state.hpp"
#include "engine/schedule.hpp"

namespace konductor::engine {

// How long tasks took in earlier runs, in seconds.
struct TaskDurations {
  std::map<TaskAddress, double> own;  // Of this phase's tasks, the newest time.
  double typical = 0;                 // Mean over all phases; 0 while none was timed.
  std::size_t count = 0;              // How many it is the mean of.
};

// The limits and switches that decisions follow.
struct RunRules {
  int max_wave_parallelism = 4;
  ScheduleMode schedule = ScheduleMode::waves;
  int max_crash_retries = 1;
  int circuit_breaker = 3;
  int failure_streak_max = 3;
  int context_rounds_max = 2;
  int review_rounds_max = 2;
  int holistic_rounds_max = 3;
  bool is_review_enabled = true;
  bool is_spec_review_enabled = true;
  bool is_quality_review_enabled = true;
  bool is_researcher_enabled = true;
  bool is_assessor_enabled = true;
  bool runs_plans_alone = false;  // In place: plans must not overlap in time.
  TaskDurations durations = {};
  BudgetLimits budget = {};
  double seconds_max = 0;          // That the run may last until it starts no more; 0 is no limit.
  bool asks_person = false;        // What tasks ask goes to the person at the terminal first.
  bool is_lease_declared = false;  // Tasks may write what they declare, and ask for more.
  bool resumes_sessions = false;   // Fixes and answers go to the executor's own session.
};

// What this run was asked for.
struct RunScope {
  std::optional<int> plan;
  std::optional<TaskAddress> only;
  std::optional<int> until_wave;
  bool refiles = false;    // Markers of what is complete are written again.
  std::set<int> unfiled;   // Complete plans whose summary is gone; it is written again.
  std::set<int> approved;  // Plans that a person allowed although they are not autonomous.
};

// A scope as `run_started` tells it, and back: what narrows the run.
void tell_scope(const RunScope& scope, event::run_started& started);
RunScope told_scope(const event::run_started& started);

// True for a plan of the phase that the run may work on.
bool is_in_scope(const RunScope& scope, int plan, const PlanRecord& record);

struct Step {
  std::vector<EventBody> events;  // To be made durable first,
  std::vector<Command> commands;  // then to be performed.
};

// Decides. Folds its own events, turns outcomes into events and says what to do next; does nothing
// itself, so that the same outcomes always give the same events. Owned by the driver's loop.
class RunMachine {
 public:
  // `state` is the fold of the journal, this run's run_started and recovery events included.
  RunMachine(RunState state, RunRules rules, RunScope scope);

  // What there is to do before any outcome.
  Step start();
  // What follows from one outcome.
  Step handle(const Outcome& outcome);

  // Nothing is left to do or to wait for; a run that is paused waits for what it holds back.
  // `exit_code` holds from then on.
  bool is_finished() const;
  bool is_stopping() const { return stop_signal_.has_value() || failure_.has_value(); }
  // The signal that stops the run, or the one that a request to stop stands for.
  const std::optional<int>& stop_signal() const { return stop_signal_; }
  // A request wants the run stopped at once.
  bool is_stopping_at_once() const { return is_stopping_at_once_; }
  const std::optional<Error>& failure() const { return failure_; }

  const RunState& state() const { return state_; }
  const RunRules& rules() const { return rules_; }
  const RunScope& scope() const { return scope_; }

  // Exit code by the rank of the causes: signal, environment, breaker, blocked, limit,
  // incomplete.
  int exit_code() const;
  // "complete", "incomplete", "blocked", "circuit_breaker", "failures", "interrupted", "failed",
  // "limit".
  std::string outcome_name() const;
  // True when every plan of the phase is complete and, if wanted, the holistic review passed.
  bool is_phase_complete() const;

 private:
  // --- Outcomes ---
  void on(const AttemptEnded& ended);
  void on(const GatesChecked& checked);
  void on(const GatesAbandoned& abandoned);
  void on(const WorkspaceReady& ready);
  void on(const Filed& filed);
  void on(const PlanMerged& merged);
  void on(const MergeFixDropped& dropped);
  void on(const StopRequested& stop);
  void on(const EngineFailed& failed);
  void on(const Noticed& noticed);
  void on(const Requested& requested);
  void on(const TimeIsUp& time);
  void on(const PersonAnswered& answer);

  // --- What people ask for from outside (operator_requests.cpp) ---
  void take_deferred();
  bool is_due_later(const Request& request) const;
  void take(const Request& request);
  void cancel_attempts(const TaskAddress& address);
  void fulfil_wishes();
  void fulfil_skips();
  void fulfil_retries();
  bool is_at_rest(const TaskAddress& address) const;
  bool is_plan_at_rest(int plan) const;
  void reopen(int plan);
  void reach_time_limit();
  bool has_work_left() const;
  bool is_held_back() const;
  bool is_all_done() const;

  // --- What an attempt's report leads to (attempt_decisions.cpp) ---
  void decide_failed_attempt(const TaskAddress& address, Action action, const std::string& why);
  void decide_summary(const event::attempt_finished& finished, const SummaryReport& report);
  void decide_review(const TaskAddress& address, Action action, const ReviewReport& report);
  void decide_assessment(const TaskAddress& address, const AssessmentReport& report);
  void decide_report(const AttemptEnded& ended, Action action);
  void provide_context(const TaskAddress& address, const std::string& source, std::string text);
  void assume_concerns(const TaskRecord& task);
  bool decide_without_role(const TaskRecord& task, Action action);
  bool is_person_to_ask(const TaskRecord& task, Action action) const;
  bool ask_person(const TaskRecord& task, Action action);
  void split_task(const TaskAddress& address, std::vector<SubTask> tasks);
  void check_round_limit(const TaskAddress& address, const std::string& stage,
                         const std::vector<Finding>& findings);
  void block(const TaskAddress& address, const std::string& reason);
  void leave_to_person(const TaskAddress& address, const std::string& reason);
  void complete_task(const TaskAddress& address);
  std::string how_to_merge(int plan) const;
  void predict_conflict(const event::conflict_predicted& predicted);
  std::string gate_stage(const TaskRecord& task) const;

  // --- What to do next (dispatch.cpp) ---
  void dispatch();
  void trip_breaker_if_due();
  void start_plans();
  bool start_plan(int plan, bool is_in_new_wave);
  void skip_plan(int plan, const std::string& reason);
  void settle_plans();
  void settle_plan(int plan, bool is_plan_complete);
  void advance_plan(int plan);
  void advance_task(const TaskRecord& task, int slot);
  void advance_holistic();
  void request_filing();
  void finish_plan_without_completion(int plan);
  void start_attempt(const TaskRecord& task, Action action, int slot);
  void adopt_attempt(const TaskRecord& task, int slot);
  void add_session(const TaskRecord& task, Action action, command::start_attempt& command) const;
  bool is_in_budget(const TaskRecord& task);
  bool is_over_budget(int plan) const;
  bool is_switched_off_review(Action action) const;
  bool is_dispatch_allowed() const;
  bool is_going_on() const;
  void check_handed_in();
  bool is_wanted(int plan) const;
  bool is_holistic_due() const;
  bool is_merge_queue_free(int plan) const;
  std::optional<int> free_slot(int plan) const;
  bool has_attempt_in_flight(int plan) const;
  std::vector<const TaskRecord*> wanted_tasks() const;
  bool are_wanted_tasks_settled() const;
  const TaskRecord* runnable_task(int plan) const;

  void emit(EventBody body);
  template <class C>
  void request(C command) {
    step_.commands.emplace_back(std::move(command));
  }

  RunState state_;
  RunRules rules_;
  RunScope scope_;
  Schedule schedule_;
  Budget budget_;
  std::vector<event::budget_reached> reached_;
  std::set<int> running_;             // Plans with a slot.
  std::set<TaskAddress> busy_tasks_;  // An attempt or a gate check is in flight.
  std::set<int> busy_plans_;          // A workspace is made, or a merge is in flight.
  std::set<TaskAddress> filing_;
  std::set<TaskAddress> unfiled_;  // Settled, markers not yet on disk.
  std::set<int> open_waves_;
  bool is_merging_ = false;
  std::deque<Request> deferred_;      // Whose task's files are being written.
  std::optional<double> time_used_;   // When the run has lasted as long as it may.
  std::set<TaskAddress> unanswered_;  // Nobody said anything to what these ask now.
  bool is_stopping_at_once_ = false;
  std::optional<int> stop_signal_;
  std::optional<Error> failure_;
  Step step_;
};

}  // namespace konductor::engine
