// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace calculator {

// The value of `pi` or `e`. Throws Error at `position` for any other name.
double constant_value(std::string_view name, std::size_t position);

// Calls `sqrt`, `abs` or `ln` with one argument, `min` or `max` with one or more. Throws Error at
// `position` for an unknown name, a wrong number of arguments or a result that is no finite number.
double call_function(std::string_view name, const std::vector<double>& arguments,
                     std::size_t position);

}  // namespace calculator
