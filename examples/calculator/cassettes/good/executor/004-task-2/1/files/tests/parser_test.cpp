// SPDX-License-Identifier: MIT
#include "parser.hpp"

#include "check.hpp"
#include "evaluate.hpp"

using calculator::parse;

namespace {

double value(const char* text) {
  return calculator::evaluate(*parse(text));
}

void products_bind_tighter_than_sums() {
  CHECK_EQUAL(value("2 + 3 * 4"), 14.0);
  CHECK_EQUAL(value("2 * 3 + 4"), 10.0);
  CHECK_EQUAL(value("10 - 6 / 2"), 7.0);
  CHECK_EQUAL(value("1 + 7 % 4"), 4.0);
}

void one_level_groups_from_the_left() {
  CHECK_EQUAL(value("10 - 3 - 2"), 5.0);
  CHECK_EQUAL(value("16 / 4 / 2"), 2.0);
  CHECK_EQUAL(value("2 / 4 * 2"), 1.0);
}

void parentheses_come_first() {
  CHECK_EQUAL(value("(2 + 3) * 4"), 20.0);
  CHECK_EQUAL(value("((7))"), 7.0);
}

void signs_may_stand_before_a_value() {
  CHECK_EQUAL(value("-3 + 5"), 2.0);
  CHECK_EQUAL(value("2 * -3"), -6.0);
  CHECK_EQUAL(value("--2"), 2.0);
  CHECK_EQUAL(value("+4"), 4.0);
}

void power_binds_tighter_than_a_sign() {
  CHECK_EQUAL(value("2 ^ 10"), 1024.0);
  CHECK_EQUAL(value("-2 ^ 2"), -4.0);
}

void functions_and_constants_are_called() {
  CHECK_EQUAL(value("sqrt(16) + 1"), 5.0);
  CHECK_EQUAL(value("max(1, 2 * 3, 4)"), 6.0);
  CHECK_EQUAL(value("ln(e)"), 1.0);
}

void what_does_not_fit_is_an_error() {
  CHECK_ERROR_AT(parse(""), 0U);
  CHECK_ERROR_AT(parse("2 +"), 3U);
  CHECK_ERROR_AT(parse("2 3"), 2U);
  CHECK_ERROR_AT(parse("(2"), 2U);
  CHECK_ERROR_AT(parse("2)"), 1U);
  CHECK_ERROR_AT(parse("* 2"), 0U);
  CHECK_ERROR_AT(parse("max(1,)"), 6U);
  CHECK_ERROR_AT(parse("min()"), 4U);
  CHECK_ERROR_AT(parse("2 , 3"), 2U);
}

}  // namespace

int main() {
  products_bind_tighter_than_sums();
  one_level_groups_from_the_left();
  parentheses_come_first();
  signs_may_stand_before_a_value();
  power_binds_tighter_than_a_sign();
  functions_and_constants_are_called();
  what_does_not_fit_is_an_error();
  return check::result();
}
