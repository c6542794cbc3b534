// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "engine/estimate.hpp"
#include "engine/event.hpp"
#include "engine/run_machine.hpp"

namespace konductor::cli {

// What a plan is at, for one line of the live view. Plan 0 is the phase's own review. Times are
// milliseconds since 1970.
struct PlanProgress {
  int wave = 0;
  TaskAddress task;      // The plan itself while none of its tasks is under way.
  std::string title;     // Of the task, else of the plan.
  std::string step;      // "executor works", "checking its work".
  std::string activity;  // What the attempt does now, harmless; "" when it does not tell.
  std::string role;      // Of the attempt that runs; "" between attempts.
  int attempt = 0;
  std::int64_t since = 0;        // When the task began,
  int attempts = 0;              // how many attempts it took,
  engine::Usage task_usage;      // and what those that ended used.
  engine::Usage usage;           // The same of all its tasks in this run.
  engine::Usage running;         // Of the attempt that runs, as far as it tells.
  std::string waits_for;         // The runtime whose limit has to be lifted first,
  std::int64_t waits_until = 0;  // and when it is.
};

// How far a run is: all that the live view shows.
struct RunProgress {
  std::string phase;
  std::int64_t began = 0;
  int waves = 0;       // The highest.
  int first_wave = 0;  // Of what is under way, or comes next; 0: nothing does.
  int last_wave = 0;
  int tasks = 0;
  int tasks_completed = 0;
  int tasks_open = 0;   // Failed, blocked or left to a person.
  engine::Usage usage;  // Of attempts that ended.
  // What the rest was expected to take at that time; nothing while no task was ever timed.
  std::optional<double> rest_seconds;
  std::int64_t rest_at = 0;
  std::string stopping;  // What a stop waits for; "": none was asked for.
  bool is_over = false;
  std::map<int, PlanProgress> running;
};

// What a line's attempts have used in this run, that of the one that runs included.
engine::Usage usage_of(const PlanProgress& plan);
engine::Usage usage_of(const RunProgress& progress);

// "01/002/3 executor, 01/003 merging": what a stop waits for; "" when nothing runs.
std::string under_way_text(const RunProgress& progress);

// Folds the events of a run to how far it is.
class ProgressFold {
 public:
  ProgressFold(std::string phase, engine::TaskDurations durations);

  // `state` holds all events that are told up to the newest one of the same moment, and outlives
  // the last `apply` and `count`.
  void start(const engine::RunState& state) { state_ = &state; }
  // True when it may have changed what is done and what is still to do: `count` finds out.
  bool apply(const engine::Event& event);
  // Counts tasks and waves, and what the rest is expected to take.
  void count(std::int64_t now);
  // Of the running attempt at a task. False when that changes nothing.
  bool set_activity(const TaskAddress& task, std::string_view role, std::string activity,
                    const engine::Usage& running);
  void set_stopping(std::string text) { progress_.stopping = std::move(text); }

  [[nodiscard]] const RunProgress& progress() const { return progress_; }

 private:
  PlanProgress& line(const TaskAddress& task, std::int64_t time);
  void on(const engine::event::run_started& e, std::int64_t time);
  void on(const engine::event::plan_started& e, std::int64_t time);
  void on(const engine::event::workspace_prepared& e, std::int64_t time);
  void on(const engine::event::task_started& e, std::int64_t time);
  void on(const engine::event::attempt_started& e, std::int64_t time);
  void on(const engine::event::attempt_adopted& e, std::int64_t time);
  void on(const engine::event::attempt_finished& e, std::int64_t time);
  void on(const engine::event::status_reported& e, std::int64_t time);
  void on(const engine::event::gate_checked& e, std::int64_t time);
  void on(const engine::event::quota_waiting& e, std::int64_t time);
  void on(const engine::event::task_completed& e, std::int64_t time);
  void on(const engine::event::merge_finished& e, std::int64_t time);
  void on(const engine::event::holistic_finished& e, std::int64_t time);
  void on(const engine::event::run_finished& e, std::int64_t time);
  template <class Other>
  void on(const Other&, std::int64_t) {}
  void begin_attempt(PlanProgress& plan, const std::string& role, int attempt, std::string step);
  void drop_what_is_over();
  void count_tasks();
  void count_waves();
  void expect_rest(std::int64_t now);

  RunProgress progress_;
  engine::RunScope scope_;
  engine::RunRules rules_;
  std::map<std::string, std::int64_t> limits_;  // Until when runtimes are at their limit.
  const engine::RunState* state_ = nullptr;
};

}  // namespace konductor::cli
