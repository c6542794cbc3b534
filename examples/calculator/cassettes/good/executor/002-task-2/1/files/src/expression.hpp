// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace calculator {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Number {
  double value = 0;
};

struct Negation {
  ExpressionPtr operand;
};

// `sign` is one of + - * / % ^ and stands at `position`.
struct Binary {
  char sign = '+';
  std::size_t position = 0;
  ExpressionPtr left;
  ExpressionPtr right;
};

struct Constant {
  std::string name;
  std::size_t position = 0;
};

struct Call {
  std::string name;
  std::size_t position = 0;
  std::vector<ExpressionPtr> arguments;
};

struct Expression {
  std::variant<Number, Negation, Binary, Constant, Call> node;
};

template <class Node>
ExpressionPtr make_expression(Node node) {
  return std::make_unique<Expression>(Expression{std::move(node)});
}

}  // namespace calculator
