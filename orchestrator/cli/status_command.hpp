// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor status`: looks, beside a working engine if there is one, and changes nothing. Returns
// the exit code.
int run_status_command(const StatusOptions& options, const CommonOptions& common,
                       Surroundings& around);

}  // namespace konductor::cli
