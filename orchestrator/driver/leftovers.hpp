// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "driver/project.hpp"
#include "engine/run_state.hpp"

namespace konductor::driver {

// The run that started an attempt in flight.
std::string run_of_attempt(const engine::RunState& state, const engine::state::active& active);

// The marks of processes that an engine which died may have left: of attempts that were in flight,
// and of the verify commands of tasks whose gates were due; but for what is adopted.
std::vector<std::string> leftover_tokens(const engine::RunState& state, const ProjectLayout& layout,
                                         const std::set<TaskAddress>& adopted = {});

// Where such processes wrote what they printed.
std::vector<std::filesystem::path> leftover_directories(const engine::RunState& state,
                                                        const ProjectLayout& layout,
                                                        const std::set<TaskAddress>& adopted = {});

}  // namespace konductor::driver
