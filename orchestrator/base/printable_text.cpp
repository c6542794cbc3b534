// SPDX-License-Identifier: MIT
#include "base/printable_text.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\x07';
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
// No order of a terminal's is longer; what is, has lost its end.
constexpr std::size_t kOrderBytesMax = 4096;

bool is_between(char c, unsigned char first, unsigned char last) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= first && byte <= last;
}

// Behind a string that ends with BEL or ESC \, and that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const std::size_t limit = std::min(text.size(), at + kOrderBytesMax);
  for (std::size_t i = at; i < limit; ++i) {
    if (text[i] == kBell) return i + 1;
    if (text[i] == kEscape) return i + 1 < limit && text[i + 1] == '\\' ? i + 2 : i;
    if (text[i] == '\n') return i;
  }
  return limit;
}

// Behind parameters and the one byte that ends them.
std::size_t end_of_control_sequence(std::string_view text, std::size_t at) {
  while (at < text.size() && is_between(text[at], 0x20, 0x3F))
    ++at;
  return at < text.size() && is_between(text[at], 0x40, 0x7E) ? at + 1 : at;
}

// Behind the order that the escape at `at` begins.
std::size_t end_of_order(std::string_view text, std::size_t at) {
  const std::size_t next = at + 1;
  if (next >= text.size()) return next;
  const char kind = text[next];
  if (kind == '[') return end_of_control_sequence(text, next + 1);
  if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_')
    return end_of_string(text, next + 1);
  std::size_t end = next;
  while (end < text.size() && is_between(text[end], 0x20, 0x2F))
    ++end;
  return end < text.size() && is_between(text[end], 0x30, 0x7E) ? end + 1 : end;
}

// Of a character of several bytes: the C1 controls, and what turns text around.
bool is_unwanted(std::string_view character) {
  if (character.size() == 2) return character[0] == '\xC2' && is_between(character[1], 0x80, 0x9F);
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const bool is_embedding = character[1] == '\x80' && is_between(character[2], 0xAA, 0xAE);
  const bool is_isolate = character[1] == '\x81' && is_between(character[2], 0xA6, 0xA9);
  return is_embedding || is_isolate;
}

std::size_t length_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && is_between(text[end], 0x80, 0xBF))
    ++end;
  return end - at;
}

}  // namespace

std::string printable_text(std::string_view stranger) {
  const std::string text = to_valid_utf8(stranger);
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == kEscape) {
      at = end_of_order(text, at);
    } else if (c == '\r') {
      const bool is_line_end = at + 1 < text.size() && text[at + 1] == '\n';
      if (!is_line_end) out += '\n';
      ++at;
    } else if ((is_between(c, 0, 0x1F) && c != '\n' && c != '\t') || c == '\x7F') {
      out += {'^', static_cast<char>(static_cast<unsigned char>(c) ^ 0x40U)};
      ++at;
    } else {
      const std::size_t length = length_at(text, at);
      const std::string_view character = std::string_view(text).substr(at, length);
      out += is_unwanted(character) ? kReplacement : character;
      at += length;
    }
  }
  return out;
}

}  // namespace konductor
