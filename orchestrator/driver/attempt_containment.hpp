// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>

#include "driver/adoption.hpp"
#include "driver/run_context.hpp"

// What holds the processes of attempts and of verify commands together.
namespace konductor::driver {

// Puts what is about to be started into a cgroup of that name in the run's, where there is one, and
// under the ceilings of an attempt.
void contain(const RunFacts& facts, const std::string& name, ports::ProcessSpec& spec);

// A cgroup of that name in a run's; "" when the run has none.
std::string cgroup_in(const std::string& of_run, const std::string& name);

// What runs left that did not come to their end: kills what is in their cgroups, and removes those,
// but for the ones of attempts that are taken over. Returns how many processes there were.
Task<Result<int>> end_left_cgroups(ports::ProcessLauncher& launcher,
                                   std::map<std::string, std::string> cgroups,
                                   const AdoptedAttempts& adopted);

}  // namespace konductor::driver
