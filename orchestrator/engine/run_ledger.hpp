// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "engine/cost_sum.hpp"

namespace konductor::engine {

// What one run did for one task.
struct TaskInRun {
  int attempts_started = 0;
  CostSum cost;               // Of the attempts that ended in it.
  std::int64_t first_at = 0;  // Milliseconds since 1970: the first event about it,
  std::int64_t last_at = 0;   // and the last.

  [[nodiscard]] double seconds() const { return static_cast<double>(last_at - first_at) / 1000; }
};

// One `execute`, as the journal tells it.
struct RunRecord {
  std::string run;
  std::int64_t started_at = 0;  // Milliseconds since 1970.
  std::int64_t last_event_at = 0;
  std::optional<event::run_finished> finished;  // Nothing while it goes on, or was cut off.
  event::run_started started;
  int attempts_started = 0;
  int tasks_completed = 0;  // In this run.
  CostSum cost;
  std::map<TaskAddress, TaskInRun> tasks;  // That it did something for.
  // How every task that ever began stood at its end: completed, failed, blocked, needs_manual,
  // split, waiting (it is to begin anew), or unfinished.
  std::map<TaskAddress, std::string> outcomes;

  [[nodiscard]] double seconds() const {
    return static_cast<double>(last_event_at - started_at) / 1000;
  }
};

// All runs of a phase, oldest first: a fold of its events.
class RunLedger {
 public:
  void apply(const Event& event);
  [[nodiscard]] std::vector<RunRecord> runs() const;

 private:
  void close();
  void note_outcome(const EventBody& body);
  [[nodiscard]] RunRecord* record_of(const std::string& run);

  std::vector<RunRecord> runs_;
  std::map<TaskAddress, std::string> outcomes_;
  bool is_open_ = false;  // The newest run goes on, as far as is known.
};

// One task in two runs. Outcomes are "" where it had not begun.
struct TaskChange {
  TaskAddress address;
  std::string before;
  std::string after;
  TaskInRun in_before;
  TaskInRun in_after;
};

// The tasks that came out differently, or that one of the two did something for.
std::vector<TaskChange> compare_runs(const RunRecord& before, const RunRecord& after);

}  // namespace konductor::engine
