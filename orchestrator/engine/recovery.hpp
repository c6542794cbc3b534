// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/run_state.hpp"

namespace konductor::engine {

// What the phase's directory holds.
struct MarkersOnDisk {
  std::set<TaskAddress> tasks;     // Accepted summaries: `NNN-task-N-summary.md`, review passed.
  std::set<int> plans;             // `NNN-summary.md`.
  bool is_phase_reviewed = false;  // `code-review.md`, which passes the phase.
};

// What a person asked to be done again.
struct RetryRequest {
  bool all_blocked = false;
  std::set<TaskAddress> tasks;         // Task 0 of a plan: a new fix of its merge's conflict.
  bool is_rebuilding_markers = false;  // `--rebuild-markers`
  std::string phase;                   // For addresses in messages.
};

struct Recovery {
  std::vector<EventBody> events;   // To be appended after run_started.
  std::vector<std::string> notes;  // For a person.
  // Complete plans whose filed summary is gone while those of their tasks are there: it says no
  // more than the journal, so that nothing has to run for it.
  std::set<int> unfiled_plans;
  std::set<TaskAddress> adopted;  // Whose attempts in flight stay so.
  // Every filed marker was gone, and tasks to run again were named: the others' are written again.
  bool refiles = false;
};

// What ends an attempt that was in flight when its engine died; nothing when there is none.
std::optional<event::attempt_finished> interrupted_attempt(const TaskRecord& task);

// What has to be recorded before a run goes on from `state`: attempts that a crash cut off, failed
// tasks that run again, markers that a person removed, tasks that were added to a complete plan.
// With an empty journal the markers are taken over. Pure. Errors (`invalid_input`): every filed
// marker of the phase is gone and no task to run again is named; what is to be retried does not
// exist, or has nothing to retry.
// Attempts in flight of the `adoptable` tasks are not ended, unless the task has to run again.
Result<Recovery> recover(const RunState& state, const MarkersOnDisk& markers,
                         const RetryRequest& retry, const std::set<TaskAddress>& adoptable = {});

}  // namespace konductor::engine
