// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"

namespace CLI {
class App;
}

namespace konductor::cli {

// Options of `execute` that limit this run alone, or have it ask a person.
void add_execute_limits(CLI::App& execute, ExecuteOptions& options);

// `--older-than` of `clean`.
void add_clean_age(CLI::App& clean, CleanOptions& options);

}  // namespace konductor::cli
