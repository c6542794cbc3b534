// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace konductor::engine {

// How a line of `## Concerns` begins that says whether something has to be done about it.
inline constexpr std::string_view kActionable = "[actionable]";
inline constexpr std::string_view kInformational = "[informational]";

}  // namespace konductor::engine
