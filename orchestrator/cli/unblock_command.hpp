// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor unblock 01/002/3 --context "…"`: records that a person freed a blocked task, so that
// the next run takes it up with that context. Nothing is run. Returns the exit code: 5 while an
// engine holds the phase, 2 for a task that is not blocked.
int run_unblock_command(const UnblockOptions& options, const CommonOptions& common,
                        Surroundings& around);

}  // namespace konductor::cli
