// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor clean [PHASE]`: removes what runs have left in the repository, as far as nothing is
// lost by it. Returns the exit code: 1 when something was refused, 5 when an engine holds the phase
// that was named.
int run_clean_command(const CleanOptions& options, const CommonOptions& common,
                      Surroundings& around);

}  // namespace konductor::cli
