// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/output.hpp"

namespace konductor::cli {

// `--version`: the first line is "konductor 0.1.0 (COMMIT)"; the libraries follow, as they are
// found when the program runs where they can tell.
void print_version(Surroundings& around, bool is_json);

}  // namespace konductor::cli
