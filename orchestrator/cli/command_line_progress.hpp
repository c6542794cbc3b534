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

}  // namespace konductor::cli
