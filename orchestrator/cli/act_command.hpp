// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor pause|resume|stop|tell|skip|retry|unblock`: asks the engine that runs the phase, or
// records the wish itself while none does. Returns the exit code: 2 for what is not possible, 5 for
// an engine that does not answer, 1 when a stopped engine did not end in time.
int run_act_command(const ActOptions& options, const CommonOptions& common, Surroundings& around);

}  // namespace konductor::cli
