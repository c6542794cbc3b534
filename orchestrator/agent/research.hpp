// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace konductor::agent {

// The answer in a researcher's document: what follows `## Context`, the writer's own headings
// included. Error `invalid_input` when it is not UTF-8, or there is no answer.
Result<std::string> parse_research(std::string_view text);

}  // namespace konductor::agent
