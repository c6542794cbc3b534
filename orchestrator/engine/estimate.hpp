// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "engine/run_machine.hpp"

namespace konductor::engine {

// What the plan's tasks that are not settled will take, in seconds; without a record of any task
// their number.
double expected_length(const RunState& state, int plan, const TaskDurations& durations);

// What the rest of the phase, as far as it is in scope, will take in seconds if every plan takes
// its expected length; 0 when no task has ever been timed.
double expected_makespan(const RunState& state, const RunRules& rules, const RunScope& scope);

}  // namespace konductor::engine
