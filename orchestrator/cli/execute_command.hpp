// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor execute`: returns the exit code.
int run_execute_command(const ExecuteOptions& options, const CommonOptions& common,
                        Surroundings& around);

}  // namespace konductor::cli
