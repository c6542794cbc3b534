// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"

namespace CLI {
class App;
}

namespace konductor::cli {

// How the progress of a run is shown.

// Of `execute`: --ci, --no-ci, --progress.
void add_progress_options(CLI::App& execute, ExecuteOptions& options);

inline constexpr const char* kWatchAbout =
    "Watch a run that goes on in another terminal or in CI, until it ends; exits as it does. "
    "With --json it prints its events, one JSON object a line";
inline constexpr const char* kWatchExample =
    "  konductor watch 01\n  konductor watch 01 --json | jq -r .type";

void add_watch_options(CLI::App* watch, WatchOptions& options);

}  // namespace konductor::cli
