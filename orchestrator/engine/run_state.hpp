// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/budget.hpp"
#include "engine/task_machine.hpp"
#include "engine/task_state.hpp"

namespace konductor::engine {

// What the plan files say, as far as running them needs it.
struct TaskDefinition {
  int task = 0;
  std::string title;
  std::string fingerprint;
  std::vector<std::string> files = {};  // That it declares.
};

struct PlanDefinition {
  int plan = 0;
  int wave = 0;
  std::string title;
  std::vector<int> depends_on;
  bool autonomous = true;
  std::vector<TaskDefinition> tasks;
  std::string fingerprint = {};  // Of the whole file.
};

namespace plan_state {

struct waiting {};
struct running {
  int slot = 0;
  bool is_workspace_ready = false;
};
// A task failed or is blocked: the rest of the plan stays waiting.
struct stopped {};
struct needs_manual {
  std::string reason;
};
struct skipped {
  std::string reason;
};
struct completed {};

}  // namespace plan_state

using PlanState =
    std::variant<plan_state::waiting, plan_state::running, plan_state::stopped,
                 plan_state::needs_manual, plan_state::skipped, plan_state::completed>;

std::string_view status_name(const PlanState& state);

struct PlanRecord {
  PlanDefinition definition;
  PlanState state;
  std::vector<int> order;  // Task numbers as they run; sub-tasks stand behind their parent.
  std::string base;
  std::string head;
  std::string directory;               // Of its workspace.
  std::string merged_commit;           // The integration branch after its merge.
  std::vector<std::string> conflicts;  // Of its newest merge, paths.
  std::string conflicts_with;          // Where the integration branch stood then.
  std::string fix_from;                // Where an unaccepted fix of it begins; "" without one.
  std::map<int, std::vector<std::string>> predicted;  // Conflicts to come, by the other plan.
  std::string last_run;      // Of the executor's attempt that started last in this tree,
  std::string last_attempt;  // and its name.
  int slot = 0;              // Of the plan's newest start.
  int last_started = 0;      // Task that started last in this plan's tree.
  bool is_merged = false;
  bool is_filed = false;
  bool was_filed = false;
  std::vector<std::string> filed_files;
  std::string skip_reason;  // A person wants it left out, in later runs too; "": nobody does.
};

inline bool is_complete(const PlanRecord& plan) {
  return std::holds_alternative<plan_state::completed>(plan.state);
}

// Everything the journal says about one phase: the fold of its events over what the plan files
// declare. The holistic review is the record of the phase's own address, in plan 0.
class RunState {
 public:
  RunState() : RunState(std::vector<PlanDefinition>{}) {}
  explicit RunState(std::vector<PlanDefinition> plans);

  // Error `internal` when the event does not fit; events about plans and tasks that no longer exist
  // are passed over.
  Result<void> apply(const Event& event);

  const std::map<int, PlanRecord>& plans() const { return plans_; }
  const PlanRecord* plan(int number) const;
  const TaskRecord* task(const TaskAddress& address) const;
  // Tasks of a plan in the order they run, parents of splits included.
  std::vector<const TaskRecord*> tasks_of(int plan) const;
  std::string title_of(const TaskAddress& address) const;
  // Fingerprint of the task's text as the plan file (or the split) has it now.
  std::string fingerprint_of(const TaskAddress& address) const;

  const TaskRecord& holistic() const { return *task(kPhaseAddress); }
  // The fix of a plan's merge conflict; nullptr while it has none.
  const TaskRecord* merge_fix(int plan) const;
  // Tasks that are blocked now, lowest address first; the phase's own record is not among them.
  const std::set<TaskAddress>& blocked() const { return blocked_; }
  // Tasks whose attempts failed with no successful attempt since.
  const std::set<TaskAddress>& failure_streak() const { return failure_streak_; }
  const std::optional<std::string>& breaker() const { return breaker_; }
  // --- What people asked for from outside ---
  bool has_taken(const std::string& request) const { return requests_.count(request) != 0; }
  // How the request was answered: nullptr when it was not taken, else its refusal, "" for none.
  const std::string* refusal_of(const std::string& request) const;
  // The newest run starts no attempts until it is resumed.
  bool is_paused() const { return is_paused_; }
  // Tasks to be skipped as soon as nothing of them is in flight, with the reason.
  const std::map<TaskAddress, std::string>& wanted_skips() const { return wanted_skips_; }
  // What is to run again as soon as it can; task 0 of a plan: its merge.
  const std::set<TaskAddress>& wanted_retries() const { return wanted_retries_; }
  // Why a plan cannot complete, if a person skipped it or one of its tasks; "" otherwise.
  std::string skip_of(int plan) const;
  bool has_events() const { return has_events_; }
  // True when every task is complete (or split into complete ones).
  bool are_tasks_completed(int plan) const;
  // True when nothing of the plan can run: a task is blocked or failed, or all are settled.
  bool is_stuck(int plan) const;
  // The first task that is not settled; nullptr when there is none or an earlier one stops the
  // plan.
  const TaskRecord* current_task(int plan) const;
  int next_free_task(int plan) const;
  // Where the newest run of the phase got its state from.
  const event::run_started* last_run() const { return last_run_ ? &*last_run_ : nullptr; }
  const std::string& last_run_id() const { return last_run_id_; }
  const event::run_finished* last_result() const { return last_result_ ? &*last_result_ : nullptr; }
  // Directories of cgroups that runs which did not come to their end may have left, by run.
  const std::map<std::string, std::string>& cgroups() const { return cgroups_; }
  // What the newest run's attempts cost, and how many it started.
  const Usage& usage() const { return usage_; }
  int attempts_started() const { return attempts_started_; }
  // What an attempt of the role used on average, over all runs; nothing while none ended well.
  Spending typical_spending(std::string_view role) const;

 private:
  Result<void> apply_to_task(const TaskAddress& address, const EventBody& body);
  void apply_to_plan(const EventBody& body);
  bool is_about_task(const TaskAddress& address, const EventBody& body);
  void apply_to_run(const Event& event);
  void forget_starts(const PlanRecord& plan, const event::task_reset& reset);
  void forget_starts_from(int number, const PlanRecord& plan, std::vector<int>::const_iterator at);
  void roll_back(PlanRecord& plan, const event::task_reset& reset);
  void reset_holistic();
  void forget_merge_fix(int plan);
  void start_run();
  void apply_request(const EventBody& body);
  Result<void> add_sub_tasks(const event::task_split& split);
  void track(const TaskAddress& address, const EventBody& body);
  PlanRecord* find_plan(int number);
  TaskRecord* find_task(const TaskAddress& address);

  std::map<int, PlanRecord> plans_;
  std::map<TaskAddress, TaskRecord> tasks_;
  std::set<TaskAddress> blocked_;
  std::set<TaskAddress> failure_streak_;
  std::optional<std::string> breaker_;
  std::map<std::string, std::string> requests_;  // Taken, with their refusals.
  std::map<TaskAddress, std::string> wanted_skips_;
  std::set<TaskAddress> wanted_retries_;
  bool is_paused_ = false;
  std::optional<event::run_started> last_run_;
  std::optional<event::run_finished> last_result_;
  std::string last_run_id_;
  std::map<std::string, std::string> cgroups_;
  Usage usage_;
  struct RoleSpending {
    Spending total;
    int attempts = 0;
  };
  std::map<std::string, RoleSpending, std::less<>> role_spending_;
  int attempts_started_ = 0;
  bool has_events_ = false;
};

// "002-task-1-executor-1": the name of an attempt's run directory and document; for the phase
// "holistic-code-reviewer-1", for a merge "002-merge-executor-1".
std::string attempt_name(const TaskAddress& address, std::string_view role, int attempt);

// The address an event speaks of; nullopt for events about the run or a wave. Task 0 of a plan
// other than 0 stands for the plan.
std::optional<TaskAddress> subject_of(const EventBody& body);

}  // namespace konductor::engine
