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

void what_does_not_fit_is_an_error() {
  CHECK_ERROR_AT(parse(""), 0U);
  CHECK_ERROR_AT(parse("2 +"), 3U);
  CHECK_ERROR_AT(parse("2 3"), 2U);
  CHECK_ERROR_AT(parse("(2"), 2U);
  CHECK_ERROR_AT(parse("2)"), 1U);
  CHECK_ERROR_AT(parse("* 2"), 0U);
}

}  // namespace

int main() {
  products_bind_tighter_than_sums();
  one_level_groups_from_the_left();
  parentheses_come_first();
  what_does_not_fit_is_an_error();
  return check::result();
}
