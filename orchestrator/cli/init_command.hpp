// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor init`: makes what is missing of `.konductor` in the given folder and overwrites
// nothing. Returns the exit code.
int run_init_command(const InitOptions& options, const CommonOptions& common, Surroundings& around);

}  // namespace konductor::cli
