// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"
#include "config/config.hpp"
#include "driver/project.hpp"

namespace konductor::cli {

// Has one runtime do a small phase in a temporary folder, with the settings of the project, and
// interrupts it in a second one. Tells what it can do and what that cost. Returns 0 when all of it
// was shown, 1 when something was not, 6 when the agent is not installed or not logged in.
int run_agent_trial(const AgentsOptions& options, const CommonOptions& common,
                    const driver::ProjectLayout& layout, const config::Config& config,
                    Surroundings& around);

}  // namespace konductor::cli
