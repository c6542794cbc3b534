// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"

namespace konductor::cli {

// `konductor watch`: shows a run of another process until it ends, and exits as it does. Where no
// engine runs the phase it tells how its newest run ended, with that run's exit code.
int run_watch_command(const WatchOptions& options, const CommonOptions& common,
                      Surroundings& around);

}  // namespace konductor::cli
