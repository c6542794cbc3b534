// SPDX-License-Identifier: MIT
#include "functions.hpp"

#include <cmath>
#include <utility>

#include "check.hpp"
#include "evaluate.hpp"

using calculator::call_function;
using calculator::constant_value;
using calculator::make_expression;

namespace {

void functions_are_computed() {
  CHECK_EQUAL(call_function("sqrt", {16}, 0), 4.0);
  CHECK_EQUAL(call_function("abs", {-2}, 0), 2.0);
  CHECK_EQUAL(call_function("ln", {1}, 0), 0.0);
  CHECK_EQUAL(call_function("min", {3, 1, 2}, 0), 1.0);
  CHECK_EQUAL(call_function("max", {3}, 0), 3.0);
}

void constants_are_known() {
  CHECK_EQUAL(std::sin(constant_value("pi", 0)) < 1e-15, true);
  CHECK_EQUAL(call_function("ln", {constant_value("e", 0)}, 0), 1.0);
}

void wrong_calls_are_errors() {
  CHECK_ERROR_AT(call_function("sin", {1}, 4), 4U);
  CHECK_ERROR_AT(call_function("sqrt", {}, 4), 4U);
  CHECK_ERROR_AT(call_function("sqrt", {1, 2}, 4), 4U);
  CHECK_ERROR_AT(call_function("min", {}, 4), 4U);
  CHECK_ERROR_AT(constant_value("tau", 4), 4U);
}

void calls_are_part_of_a_tree() {
  std::vector<calculator::ExpressionPtr> arguments;
  arguments.push_back(make_expression(calculator::Number{2}));
  arguments.push_back(make_expression(calculator::Constant{"pi", 7}));
  const auto call = make_expression(calculator::Call{"max", 0, std::move(arguments)});
  CHECK_EQUAL(calculator::evaluate(*call), constant_value("pi", 0));
}

}  // namespace

int main() {
  functions_are_computed();
  constants_are_known();
  wrong_calls_are_errors();
  calls_are_part_of_a_tree();
  return check::result();
}
