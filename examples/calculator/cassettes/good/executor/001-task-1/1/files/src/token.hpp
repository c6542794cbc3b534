// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace calculator {

enum class TokenKind {
  number,
  name,
  plus,
  minus,
  star,
  slash,
  percent,
  caret,
  open,
  close,
  comma,
  end,  // Stands behind the last token; its position is the length of the text.
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t position = 0;
  double value = 0;  // Of a number.
  std::string text;  // Of a name.
};

}  // namespace calculator
