// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

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

struct Expression {
  std::variant<Number, Negation, Binary> node;
};

template <class Node>
ExpressionPtr make_expression(Node node) {
  return std::make_unique<Expression>(Expression{std::move(node)});
}

}  // namespace calculator
