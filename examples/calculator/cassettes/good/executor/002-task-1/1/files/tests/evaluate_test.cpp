// SPDX-License-Identifier: MIT
#include "evaluate.hpp"

#include "check.hpp"

using calculator::Binary;
using calculator::evaluate;
using calculator::ExpressionPtr;
using calculator::make_expression;
using calculator::Negation;
using calculator::Number;

namespace {

ExpressionPtr number(double value) {
  return make_expression(Number{value});
}

ExpressionPtr binary(char sign, double left, double right) {
  return make_expression(Binary{sign, 3, number(left), number(right)});
}

}  // namespace

int main() {
  CHECK_EQUAL(evaluate(*number(2.5)), 2.5);
  CHECK_EQUAL(evaluate(*binary('+', 2, 3)), 5.0);
  CHECK_EQUAL(evaluate(*binary('-', 2, 3)), -1.0);
  CHECK_EQUAL(evaluate(*binary('*', 2, 3)), 6.0);
  CHECK_EQUAL(evaluate(*binary('/', 3, 2)), 1.5);
  CHECK_EQUAL(evaluate(*binary('%', 7, 4)), 3.0);
  CHECK_EQUAL(evaluate(*binary('^', 2, 10)), 1024.0);
  CHECK_EQUAL(evaluate(*make_expression(Negation{binary('+', 1, 2)})), -3.0);

  CHECK_ERROR_AT(evaluate(*binary('/', 1, 0)), 3U);
  CHECK_ERROR_AT(evaluate(*binary('%', 1, 0)), 3U);
  CHECK_ERROR_AT(evaluate(*binary('*', 1e300, 1e300)), 3U);
  CHECK_ERROR_AT(evaluate(*binary('^', -1, 0.5)), 3U);
  return check::result();
}
