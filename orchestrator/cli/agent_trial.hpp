// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "config/config.hpp"
#include "driver/project.hpp"

namespace konductor::cli {

// The settings of a runtime, which are `config`'s. Error `invalid_input` when there is none of that
// name, `environment` when its program is not installed.
Result<const config::RuntimeSettings*> installed_runtime(
    const config::Config& config, const std::string& name,
    const std::vector<std::string>& environment);

// Has one runtime do a small phase in a temporary folder, with the settings of the project, and
// interrupts it in a second one. Tells what it can do and what that cost. Returns 0 when all of it
// was shown, 1 when something was not, 6 when the agent is not installed or not logged in.
int run_agent_trial(const AgentsOptions& options, const CommonOptions& common,
                    const driver::ProjectLayout& layout, const config::Config& config,
                    Surroundings& around);

}  // namespace konductor::cli
