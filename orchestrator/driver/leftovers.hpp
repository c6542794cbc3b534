// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "driver/project.hpp"
#include "engine/run_state.hpp"

namespace konductor::driver {

// The marks of processes that an engine which died may have left: of attempts that were in flight,
// and of the verify commands of tasks whose gates were due.
std::vector<std::string> leftover_tokens(const engine::RunState& state,
                                         const ProjectLayout& layout);

// Where such processes wrote what they printed.
std::vector<std::filesystem::path> leftover_directories(const engine::RunState& state,
                                                        const ProjectLayout& layout);

}  // namespace konductor::driver
