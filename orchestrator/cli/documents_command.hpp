// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"

namespace konductor::cli {

// Writes what is installed beside the program below a directory, as it lies below the folder for
// shared data: man pages and the scripts of shells.
int run_documents_command(const DocumentsOptions& options, Surroundings& around);

}  // namespace konductor::cli
