// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "engine/run_machine.hpp"

namespace konductor::engine {

// Seconds that tasks under way have taken so far.
using TaskSeconds = std::map<TaskAddress, double>;

// What the plan's tasks that are not settled will take, in seconds; without a record of any task
// their number. Of those under way it is what is left.
double expected_length(const RunState& state, int plan, const TaskDurations& durations,
                       const TaskSeconds& under_way = {});

// What the rest of the phase, as far as it is in scope, will take in seconds if every plan takes
// its expected length; 0 when no task has ever been timed.
double expected_makespan(const RunState& state, const RunRules& rules, const RunScope& scope,
                         const TaskSeconds& under_way = {});

}  // namespace konductor::engine
