// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace konductor::gates {

// Whether a line of code (without comments and strings) asserts something, in the words of the
// language's test frameworks. `extension` is the file's.
bool asserts(std::string_view code, std::string_view extension);

}  // namespace konductor::gates
