// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor log`: what an attempt said and did, from what it printed. Changes nothing. Returns the
// exit code: 2 when there is no such attempt, or its output is gone.
int run_log_command(const LogOptions& options, const CommonOptions& common, Surroundings& around);

}  // namespace konductor::cli
