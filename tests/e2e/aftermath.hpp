// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "e2e/scenario.hpp"

namespace e2e {

// Everything that a finished phase leaves, by name: what the user sees, what git holds, the files
// under `.konductor`. Times, commits and names of runs are left out, so that two runs of one phase
// leave the same.
using Aftermath = std::map<std::string, std::string>;

// The entry that tells of merges too. With plans side by side it depends on which one ends first.
inline constexpr const char* kHistory = "git: history of main";

Aftermath aftermath_of(const Scenario& scenario);
// One line for each thing that differs; "" when nothing does.
std::string difference(const Aftermath& expected, const Aftermath& found);

// What the journal says of tasks that were started again after they were complete; "" when there
// are none.
std::string repeated_tasks(const Scenario& scenario);
// Attempts that the journal has begun.
std::size_t count_attempts(const Scenario& scenario);

}  // namespace e2e
