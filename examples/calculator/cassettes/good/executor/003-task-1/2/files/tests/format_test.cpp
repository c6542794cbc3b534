// SPDX-License-Identifier: MIT
#include "format.hpp"

#include "check.hpp"

using calculator::format_number;

int main() {
  CHECK_EQUAL(format_number(14), "14");
  CHECK_EQUAL(format_number(-2.5), "-2.5");
  CHECK_EQUAL(format_number(0.1 + 0.2), "0.3");
  CHECK_EQUAL(format_number(2.0 / 3), "0.666666666667");
  CHECK_EQUAL(format_number(2.0 / 3, 3), "0.667");
  CHECK_EQUAL(format_number(2.0 / 3, calculator::kDigitsMax), "0.66666666666666663");
  CHECK_EQUAL(format_number(123456789012), "123456789012");
  CHECK_EQUAL(format_number(1e20), "1e+20");
  CHECK_EQUAL(format_number(-0.0), "0");
  return check::result();
}
