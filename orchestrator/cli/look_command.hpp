// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// One of the commands that only look; returns the exit code.
int run_look_command(const LookCommand& command, const CommonOptions& common, Surroundings& around);

// Whether what the command prints goes through the user's pager on a terminal.
bool is_paged(const Command& command, const CommonOptions& common);

}  // namespace konductor::cli
