// SPDX-License-Identifier: MIT
#pragma once

#include "cli/options.hpp"
#include "cli/output.hpp"

namespace konductor::cli {

// `konductor doctor`: looks at the machine and the project. Starts agents only to ask for their
// versions, and reads no login. Works outside of a project, too.
int run_doctor_command(const CommonOptions& common, Surroundings& around);

}  // namespace konductor::cli
