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

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
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
    case ',':
      return TokenKind::comma;
    default:
      return std::nullopt;
  }
}

std::size_t digits_end(std::string_view text, std::size_t from) {
  while (from < text.size() && (is_digit(text[from]) || text[from] == '.'))
    ++from;
  return from;
}

// The end of the digits, points and exponent that start at `from`. An `e` without digits behind it
// is no exponent: "2e" is a number and a name.
std::size_t number_end(std::string_view text, std::size_t from) {
  const std::size_t end = digits_end(text, from);
  if (end >= text.size() || (text[end] != 'e' && text[end] != 'E')) return end;
  std::size_t exponent = end + 1;
  if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
  if (exponent >= text.size() || !is_digit(text[exponent])) return end;
  return digits_end(text, exponent);
}

std::size_t name_end(std::string_view text, std::size_t from) {
  while (from < text.size() && (is_letter(text[from]) || is_digit(text[from])))
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
    } else if (is_letter(c)) {
      const std::size_t end = name_end(text, at);
      tokens.push_back({TokenKind::name, at, 0, std::string(text.substr(at, end - at))});
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
