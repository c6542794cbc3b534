// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.hpp"
#include "engine/task_state.hpp"

namespace konductor::engine {

// What an event did to a task.
enum class Transition {
  changed,
  recorded,  // The state stays; a fact about the task is kept.
  ignored,   // Late, repeated or about something else: a listed no-op.
};

// Applies one event to the task it names. Holds no limits: when a limit is passed, whoever decides
// adds the event that says so (task_failed, task_blocked, task_needs_manual), which overrides.
// Error `internal` names the state and the event that do not belong together: the journal is
// damaged, or this is a bug.
Result<Transition> advance(TaskRecord& task, const EventBody& event);

}  // namespace konductor::engine
