// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "cli/output.hpp"

namespace konductor::cli {

// The whole program: reads the command line, runs the command, returns the exit code.
int run_cli(int argc, const char* const* argv, Surroundings& around);

// The same when what was printed on stdout did not arrive there.
int report_lost_output(Surroundings& around, int exit);

// What is said, and the exit code, when run_cli threw: a bug (1), or memory or file descriptors ran
// out (6). `thrown` is null for what is no exception of the library's. `execute --json`
// has its one document even then.
int report_exception(int argc, const char* const* argv, Surroundings& around,
                     const std::exception* thrown);

}  // namespace konductor::cli
