// SPDX-License-Identifier: MIT
#pragma once

#include "cli/output.hpp"

namespace konductor::cli {

// `konductor show 01/002/3`: what happened to a task, from the journal: its attempts, gates,
// reviews, documents and change. With `--prompt`, of what an attempt's prompt was made and how much
// of it the one before it shared. Returns the exit code: 2 when there is nothing to show.
int run_show_command(const ShowOptions& options, const CommonOptions& common, Surroundings& around);

}  // namespace konductor::cli
