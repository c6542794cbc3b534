// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "token.hpp"

namespace calculator {

// Cuts the text into tokens; the last one is always `end`. Throws Error at what is no token.
std::vector<Token> tokenize(std::string_view text);

}  // namespace calculator
