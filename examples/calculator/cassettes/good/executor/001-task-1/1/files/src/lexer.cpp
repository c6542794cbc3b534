// SPDX-License-Identifier: MIT
#include "lexer.hpp"

#include <charconv>
#include <optional>
#include <string>

#include "error.hpp"

namespace calculator {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<TokenKind> sign_kind(char c) {
  switch (c) {
    case '+':
      return TokenKind::plus;
    case '-':
      return TokenKind::minus;
    case '*':
      return TokenKind::star;
    case '/':
      return TokenKind::slash;
    case '%':
      return TokenKind::percent;
    case '^':
      return TokenKind::caret;
    case '(':
      return TokenKind::open;
    case ')':
      return TokenKind::close;
    default:
      return std::nullopt;
  }
}

// The end of the run of digits and points that starts at `from`.
std::size_t number_end(std::string_view text, std::size_t from) {
  while (from < text.size() && (is_digit(text[from]) || text[from] == '.'))
    ++from;
  return from;
}

Token number_token(std::string_view text, std::size_t from, std::size_t to) {
  Token token;
  token.kind = TokenKind::number;
  token.position = from;
  const char* last = text.data() + to;
  const auto [end, code] = std::from_chars(text.data() + from, last, token.value);
  if (code != std::errc() || end != last)
    throw Error("\"" + std::string(text.substr(from, to - from)) + "\" is no number", from);
  return token;
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t') {
      ++at;
    } else if (is_digit(c) || c == '.') {
      const std::size_t end = number_end(text, at);
      tokens.push_back(number_token(text, at, end));
      at = end;
    } else if (const auto kind = sign_kind(c)) {
      tokens.push_back({*kind, at, 0, ""});
      ++at;
    } else {
      throw Error(std::string("unexpected \"") + c + "\"", at);
    }
  }
  tokens.push_back({TokenKind::end, text.size(), 0, ""});
  return tokens;
}

}  // namespace calculator
