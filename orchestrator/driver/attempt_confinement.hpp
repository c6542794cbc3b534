// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "driver/attempt.hpp"

namespace konductor::driver {

// Where a confined attempt with this environment may write. Makes those directories that have to be
// there. Blocks.
Result<std::vector<std::string>> writable_for(const RunShared& shared, const Attempt& attempt,
                                              const std::vector<std::string>& environment);

}  // namespace konductor::driver
