// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"

namespace konductor::cli {

// `konductor agents list`: what is configured and installed. `konductor agents test NAME`: a trial
// in a folder of its own. Both work outside of a project, too.
int run_agents_command(const AgentsOptions& options, const CommonOptions& common,
                       Surroundings& around);

}  // namespace konductor::cli
