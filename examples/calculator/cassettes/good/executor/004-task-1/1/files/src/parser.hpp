// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "expression.hpp"

namespace calculator {

// Reads one whole expression. Throws Error at the first token that does not fit.
ExpressionPtr parse(std::string_view text);

}  // namespace calculator
