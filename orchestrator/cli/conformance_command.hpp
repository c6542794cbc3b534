// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"

namespace konductor::cli {

// Plays the shipped lies and their honest twins with the project's configuration, and has the
// runtime do an honest task, each in a temporary repository; prints what caught which. Returns 0
// when no lie was believed and all honest work was, 1 when not, 6 when the runtime is not
// installed.
int run_conformance_command(const ConformanceOptions& options, const CommonOptions& common,
                            Surroundings& around);

}  // namespace konductor::cli
