// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor rollback 01/002/3`: puts the plan's branch and tree back to before the task, and marks
// it and what ran behind it as not done. What is undone is kept under `refs/konductor/` first.
// Returns the exit code: 5 while an engine holds the phase, 2 for what cannot be rolled back.
int run_rollback_command(const RollbackOptions& options, const CommonOptions& common,
                         Surroundings& around);

}  // namespace konductor::cli
