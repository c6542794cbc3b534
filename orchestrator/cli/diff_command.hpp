// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor diff 01/002/3`, `01/002` or `01`: what was done, as a patch on stdout. Returns the
// exit code: 2 when there is nothing to show.
int run_diff_command(const DiffOptions& options, const CommonOptions& common, Surroundings& around);

}  // namespace konductor::cli
