// SPDX-License-Identifier: MIT
#include "base/escaped_text.hpp"

#include <cstdint>

namespace konductor {
namespace {

using State = UnescapedUnit::State;

constexpr int kCodeDigits = 4;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

UnescapedUnit one_byte(char c, std::size_t end) {
  UnescapedUnit unit;
  unit.state = State::some;
  unit.end = end;
  unit.bytes[0] = c;
  unit.size = 1;
  return unit;
}

UnescapedUnit character(std::uint32_t code, std::size_t end) {
  constexpr std::uint32_t kTail = 0x3F;
  UnescapedUnit unit = one_byte(static_cast<char>(code), end);
  auto set = [&unit](std::size_t at, std::uint32_t byte) {
    unit.bytes[at] = static_cast<char>(byte);
    unit.size = at + 1;
  };
  if (code < 0x80) return unit;
  if (code < 0x800) {
    set(0, 0xC0U | (code >> 6U));
    set(1, 0x80U | (code & kTail));
  } else if (code < 0x10000) {
    set(0, 0xE0U | (code >> 12U));
    set(1, 0x80U | ((code >> 6U) & kTail));
    set(2, 0x80U | (code & kTail));
  } else {
    set(0, 0xF0U | (code >> 18U));
    set(1, 0x80U | ((code >> 12U) & kTail));
    set(2, 0x80U | ((code >> 6U) & kTail));
    set(3, 0x80U | (code & kTail));
  }
  return unit;
}

struct CodeUnit {
  State state = State::none;
  std::uint32_t code = 0;
  std::size_t end = 0;
};

// Four hexadecimal digits.
CodeUnit read_code(std::string_view text, std::size_t at, int level) {
  CodeUnit code{State::some, 0, at};
  for (int i = 0; i < kCodeDigits; ++i) {
    const UnescapedUnit digit = read_unescaped(text, code.end, level);
    if (digit.state != State::some) return {digit.state, 0, 0};
    const int value = digit.size == 1 ? hex_value(digit.bytes[0]) : -1;
    if (value < 0) return {State::none, 0, 0};
    code.code = code.code * 16 + static_cast<std::uint32_t>(value);
    code.end = digit.end;
  }
  return code;
}

UnescapedUnit read_coded(std::string_view text, std::size_t at, int level) {
  const CodeUnit first = read_code(text, at, level);
  if (first.state != State::some) return {first.state, 0, {}, 0};
  if (first.code < 0xD800 || first.code > 0xDBFF) return character(first.code, first.end);
  // The first half of a character: the second has an escape of its own.
  std::size_t place = first.end;
  for (const char wanted : {'\\', 'u'}) {
    const UnescapedUnit unit = read_unescaped(text, place, level);
    if (unit.state == State::ended) return {State::ended, 0, {}, 0};
    if (unit.state == State::none || unit.text() != std::string_view(&wanted, 1))
      return character(first.code, first.end);
    place = unit.end;
  }
  const CodeUnit second = read_code(text, place, level);
  if (second.state == State::ended) return {State::ended, 0, {}, 0};
  if (second.state == State::none || second.code < 0xDC00 || second.code > 0xDFFF)
    return character(first.code, first.end);
  return character(0x10000 + ((first.code - 0xD800) << 10U) + (second.code - 0xDC00), second.end);
}

}  // namespace

UnescapedUnit read_unescaped(std::string_view text, std::size_t at, int level) {
  if (at >= text.size()) return {State::ended, 0, {}, 0};
  if (level == 0) return one_byte(text[at], at + 1);
  const UnescapedUnit unit = read_unescaped(text, at, level - 1);
  if (unit.state != State::some || unit.size != 1) return unit;
  if (unit.bytes[0] == '"') return {State::none, 0, {}, 0};  // Here the string ends.
  if (unit.bytes[0] != '\\') return unit;
  const UnescapedUnit escaped = read_unescaped(text, unit.end, level - 1);
  if (escaped.state != State::some) return escaped;
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (escaped.text() == "u") return read_coded(text, escaped.end, level - 1);
  const std::size_t place = escaped.size == 1 ? kNames.find(escaped.bytes[0]) : kNames.npos;
  if (place == kNames.npos) return {State::none, 0, {}, 0};
  return one_byte(kMeanings[place], escaped.end);
}

std::size_t end_of_escape(std::string_view text, std::size_t at) {
  const std::size_t next = at + 1;
  if (next >= text.size() || static_cast<unsigned char>(text[next]) < ' ') return next;
  if (text[next] != 'u') return next + 1;
  std::size_t end = next + 1;
  while (end < text.size() && end - next <= kCodeDigits && hex_value(text[end]) >= 0)
    ++end;
  return end;
}

}  // namespace konductor
