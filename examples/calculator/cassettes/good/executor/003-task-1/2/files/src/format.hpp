// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace calculator {

inline constexpr int kDigitsDefault = 12;
inline constexpr int kDigitsMax = 17;  // A double holds no more.

// The number in `digits` significant digits at most (1 to kDigitsMax), without trailing zeros; zero
// has no sign.
std::string format_number(double value, int digits = kDigitsDefault);

}  // namespace calculator
