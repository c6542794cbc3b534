// SPDX-License-Identifier: MIT
#include "lexer.hpp"

#include "check.hpp"

using calculator::tokenize;
using calculator::TokenKind;

namespace {

void numbers_are_read() {
  const auto tokens = tokenize("12 3.5 .5");
  CHECK_EQUAL(tokens.size(), 4U);
  CHECK_EQUAL(tokens[0].value, 12.0);
  CHECK_EQUAL(tokens[1].value, 3.5);
  CHECK_EQUAL(tokens[2].value, 0.5);
}

void signs_are_told_apart() {
  const auto tokens = tokenize("+-*/%^()");
  const TokenKind kinds[] = {TokenKind::plus,  TokenKind::minus,   TokenKind::star,
                             TokenKind::slash, TokenKind::percent, TokenKind::caret,
                             TokenKind::open,  TokenKind::close,   TokenKind::end};
  CHECK_EQUAL(tokens.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i)
    CHECK_EQUAL(tokens[i].kind == kinds[i], true);
}

void every_token_knows_its_position() {
  const auto tokens = tokenize("1 +  22");
  CHECK_EQUAL(tokens[0].position, 0U);
  CHECK_EQUAL(tokens[1].position, 2U);
  CHECK_EQUAL(tokens[2].position, 5U);
  CHECK_EQUAL(tokens[3].position, 7U);
}

void names_and_commas_are_read() {
  const auto tokens = tokenize("max(x1, pi)");
  CHECK_EQUAL(tokens.size(), 7U);
  CHECK_EQUAL(tokens[0].text, "max");
  CHECK_EQUAL(tokens[2].text, "x1");
  CHECK_EQUAL(tokens[3].kind == TokenKind::comma, true);
  CHECK_EQUAL(tokens[4].position, 8U);
}

void exponents_belong_to_the_number() {
  CHECK_EQUAL(tokenize("1e3")[0].value, 1000.0);
  CHECK_EQUAL(tokenize("2.5E-1")[0].value, 0.25);
  const auto tokens = tokenize("2e");
  CHECK_EQUAL(tokens.size(), 3U);
  CHECK_EQUAL(tokens[0].value, 2.0);
  CHECK_EQUAL(tokens[1].text, "e");
}

void what_is_no_token_is_an_error() {
  CHECK_ERROR_AT(tokenize("1 $ 2"), 2U);
  CHECK_ERROR_AT(tokenize("1 + 1.2.3"), 4U);
  CHECK_ERROR_AT(tokenize("."), 0U);
  CHECK_ERROR_AT(tokenize("2 + 1e999"), 4U);
}

}  // namespace

int main() {
  numbers_are_read();
  signs_are_told_apart();
  every_token_knows_its_position();
  names_and_commas_are_read();
  exponents_belong_to_the_number();
  what_is_no_token_is_an_error();
  CHECK_EQUAL(tokenize("").size(), 1U);
  return check::result();
}
