// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "engine/run_state.hpp"
#include "engine/work_history.hpp"

namespace konductor::engine {

// A task whose work is taken back.
struct UndoneTask {
  TaskAddress address;
  std::string status;  // As it was: "completed", "blocked", …
  TaskWork work;       // What is to be kept of it.
};

// What putting a plan back to before one of its tasks means.
struct Rollback {
  std::string commit;              // Where the plan's branch goes.
  std::vector<UndoneTask> undone;  // In the order they ran; empty when the journal has it already.
  // In the order they are to be recorded: the newest task is taken back first, so that each event
  // is true by itself.
  std::vector<EventBody> events;
  std::vector<TaskAddress> tasks;  // Whose markers go.
};

// Pure. Errors (`invalid_input`) say what to do instead: the task does not exist, is the phase's
// own review, was split, never started, or its plan is merged.
Result<Rollback> decide_rollback(const RunState& state, const WorkHistory& history,
                                 const TaskAddress& address, const std::string& phase);

}  // namespace konductor::engine
