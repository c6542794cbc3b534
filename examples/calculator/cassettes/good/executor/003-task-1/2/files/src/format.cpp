// SPDX-License-Identifier: MIT
#include "format.hpp"

#include <array>
#include <charconv>

namespace calculator {

std::string format_number(double value, int digits) {
  // A sign, a point, an exponent and every digit have room in it.
  std::array<char, 64> text;
  const double shown = value == 0 ? 0 : value;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), shown,
                                    std::chars_format::general, digits);
  return std::string(text.data(), result.ptr);
}

}  // namespace calculator
