// SPDX-License-Identifier: MIT
#include "parser.hpp"

#include <utility>

#include "error.hpp"
#include "lexer.hpp"

namespace calculator {
namespace {

// One function a level of the grammar:
//   sum     = product (("+" | "-") product)*
//   product = primary (("*" | "/" | "%") primary)*
//   primary = number | "(" sum ")"
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
    ExpressionPtr left = primary();
    while (current().kind == TokenKind::star || current().kind == TokenKind::slash ||
           current().kind == TokenKind::percent) {
      const Token sign = take();
      left = binary(sign, std::move(left), primary());
    }
    return left;
  }

  ExpressionPtr primary() {
    if (current().kind == TokenKind::number) return make_expression(Number{take().value});
    if (current().kind != TokenKind::open) unexpected();
    take();
    ExpressionPtr inside = sum();
    expect(TokenKind::close);
    return inside;
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
      default:
        return '%';
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
