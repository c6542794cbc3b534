// SPDX-License-Identifier: MIT
#pragma once

#include "expression.hpp"

namespace calculator {

// The value of the tree. Throws Error at the operator whose result is no finite number.
double evaluate(const Expression& expression);

}  // namespace calculator
