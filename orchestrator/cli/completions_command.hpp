// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"

namespace konductor::cli {

// `konductor completions SHELL`: prints the script that makes a shell ask the next one.
int run_completions_command(const CompletionsOptions& options, const CommonOptions& common,
                            Surroundings& around);

// A line for each word that may follow, "word<TAB>what it is", or ":files" or ":directories" where
// the shell itself is to look. What goes wrong completes nothing and prints nothing.
int run_complete_command(const CompleteOptions& options, Surroundings& around);

}  // namespace konductor::cli
