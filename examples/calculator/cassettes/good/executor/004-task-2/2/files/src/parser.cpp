// SPDX-License-Identifier: MIT
#include "parser.hpp"

#include <utility>

#include "error.hpp"
#include "lexer.hpp"

namespace calculator {
namespace {

// One function a level of the grammar:
//   sum     = product (("+" | "-") product)*
//   product = signed (("*" | "/" | "%") signed)*
//   signed  = ("+" | "-") signed | power
//   power   = primary ("^" signed)?
//   primary = number | name | name "(" sum ("," sum)* ")" | "(" sum ")"
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  ExpressionPtr whole() {
    ExpressionPtr result = sum();
    if (current().kind != TokenKind::end) unexpected();
    return result;
  }

 private:
  ExpressionPtr sum() {
    ExpressionPtr left = product();
    while (current().kind == TokenKind::plus || current().kind == TokenKind::minus) {
      const Token sign = take();
      left = binary(sign, std::move(left), product());
    }
    return left;
  }

  ExpressionPtr product() {
    ExpressionPtr left = with_sign();
    while (current().kind == TokenKind::star || current().kind == TokenKind::slash ||
           current().kind == TokenKind::percent) {
      const Token sign = take();
      left = binary(sign, std::move(left), with_sign());
    }
    return left;
  }

  ExpressionPtr with_sign() {
    const TokenKind kind = current().kind;
    if (kind != TokenKind::plus && kind != TokenKind::minus) return power();
    take();
    ExpressionPtr operand = with_sign();
    return kind == TokenKind::minus ? make_expression(Negation{std::move(operand)})
                                    : std::move(operand);
  }

  ExpressionPtr power() {
    ExpressionPtr base = primary();
    if (current().kind != TokenKind::caret) return base;
    const Token sign = take();
    return binary(sign, std::move(base), with_sign());
  }

  ExpressionPtr primary() {
    if (current().kind == TokenKind::number) return make_expression(Number{take().value});
    if (current().kind == TokenKind::name) return named();
    if (current().kind != TokenKind::open) unexpected();
    take();
    ExpressionPtr inside = sum();
    expect(TokenKind::close);
    return inside;
  }

  ExpressionPtr named() {
    const Token name = take();
    if (current().kind != TokenKind::open)
      return make_expression(Constant{name.text, name.position});
    take();
    std::vector<ExpressionPtr> arguments;
    arguments.push_back(sum());
    while (current().kind == TokenKind::comma) {
      take();
      arguments.push_back(sum());
    }
    expect(TokenKind::close);
    return make_expression(Call{name.text, name.position, std::move(arguments)});
  }

  static ExpressionPtr binary(const Token& sign, ExpressionPtr left, ExpressionPtr right) {
    return make_expression(
        Binary{sign_character(sign.kind), sign.position, std::move(left), std::move(right)});
  }

  static char sign_character(TokenKind kind) {
    switch (kind) {
      case TokenKind::plus:
        return '+';
      case TokenKind::minus:
        return '-';
      case TokenKind::star:
        return '*';
      case TokenKind::slash:
        return '/';
      case TokenKind::percent:
        return '%';
      default:
        return '^';
    }
  }

  const Token& current() const { return tokens_[at_]; }

  // The current token, behind which parsing goes on; the end is never left behind.
  Token take() {
    const Token token = current();
    if (token.kind != TokenKind::end) ++at_;
    return token;
  }

  void expect(TokenKind kind) {
    if (current().kind != kind) unexpected();
    take();
  }

  [[noreturn]] void unexpected() const {
    if (current().kind == TokenKind::end)
      throw Error("the expression ends too early", current().position);
    throw Error("this does not fit here", current().position);
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

ExpressionPtr parse(std::string_view text) {
  return Parser(tokenize(text)).whole();
}

}  // namespace calculator
