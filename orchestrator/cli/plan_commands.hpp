// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"

namespace konductor::cli {

// `konductor plan check|list|show|graph`. Returns the exit code: 2 when plans have errors, which
// only `check` lists.
int run_plan_command(const PlanOptions& options, const CommonOptions& common, Surroundings& around);

}  // namespace konductor::cli
