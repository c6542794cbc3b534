// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace konductor::platform {

// Runs a program that has the terminal to itself, such as an editor: what is typed there, Ctrl-C
// included, is its own. `terminal` is a descriptor of the caller's controlling terminal. Blocks
// until the program has ended and returns its exit code, -1 after a signal. Error `environment`
// when it cannot be started.
Result<int> run_in_foreground(const std::vector<std::string>& argv,
                              const std::vector<std::string>& environment, int terminal);

}  // namespace konductor::platform
