// SPDX-License-Identifier: MIT
#include "evaluate.hpp"

#include <cmath>
#include <vector>

#include "error.hpp"
#include "functions.hpp"

namespace calculator {
namespace {

double compute(char sign, double left, double right) {
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return std::fmod(left, right);
    default:
      return std::pow(left, right);
  }
}

struct Evaluator {
  double operator()(const Number& number) const { return number.value; }

  double operator()(const Negation& negation) const { return -evaluate(*negation.operand); }

  double operator()(const Binary& binary) const {
    const double left = evaluate(*binary.left);
    const double right = evaluate(*binary.right);
    if ((binary.sign == '/' || binary.sign == '%') && right == 0)
      throw Error("division by zero", binary.position);
    const double value = compute(binary.sign, left, right);
    if (!std::isfinite(value)) throw Error("the result is no finite number", binary.position);
    return value;
  }

  double operator()(const Constant& constant) const {
    return constant_value(constant.name, constant.position);
  }

  double operator()(const Call& call) const {
    std::vector<double> arguments;
    for (const ExpressionPtr& argument : call.arguments)
      arguments.push_back(evaluate(*argument));
    return call_function(call.name, arguments, call.position);
  }
};

}  // namespace

double evaluate(const Expression& expression) {
  return std::visit(Evaluator{}, expression.node);
}

}  // namespace calculator
