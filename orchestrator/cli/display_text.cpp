// SPDX-License-Identifier: MIT
#include "cli/display_text.hpp"

#include <utf8proc.h>

#include "base/text.hpp"

namespace konductor::cli {
namespace {

constexpr utf8proc_int32_t kEscape = 0x1B;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Character {
  utf8proc_int32_t code = 0;
  std::string_view bytes;
};

// Takes the first character off; a byte that begins none counts as U+FFFD.
Character take_character(std::string_view& text) {
  Character taken;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  utf8proc_ssize_t size =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &taken.code);
  if (size <= 0) {
    size = 1;
    taken.code = 0xFFFD;
    taken.bytes = kReplacement;
  } else {
    taken.bytes = text.substr(0, static_cast<std::size_t>(size));
  }
  text.remove_prefix(static_cast<std::size_t>(size));
  return taken;
}

std::size_t width_of(const Character& character) {
  const int width = utf8proc_charwidth(character.code);
  return width > 0 ? static_cast<std::size_t>(width) : 0;
}

// Parameters and the letter behind "ESC [".
void skip_control_sequence(std::string_view& text) {
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte < 0x20 || byte > 0x7E) return;
    text.remove_prefix(1);
    if (byte >= 0x40) return;
  }
}

// What a terminal takes as a title and the like: up to BEL, or "ESC \".
void skip_control_string(std::string_view& text) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\a') return;
    if (c == '\x1b' && !text.empty() && text.front() == '\\') {
      text.remove_prefix(1);
      return;
    }
  }
}

void skip_escape_sequence(std::string_view& text) {
  // Bytes between the escape and what ends it.
  while (!text.empty() && text.front() >= 0x20 && text.front() <= 0x2F)
    text.remove_prefix(1);
  if (text.empty()) return;
  const char kind = text.front();
  const auto byte = static_cast<unsigned char>(kind);
  if (byte < 0x20 || byte > 0x7E) return;
  text.remove_prefix(1);
  if (kind == '[')
    skip_control_sequence(text);
  else if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_')
    skip_control_string(text);
}

enum class Treatment { keep, drop, space, replace };

Treatment treatment_of(utf8proc_int32_t code) {
  constexpr utf8proc_int32_t kNonJoiner = 0x200C;
  constexpr utf8proc_int32_t kJoiner = 0x200D;
  const int category = utf8proc_category(code);
  if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL ||
      category == UTF8PROC_CATEGORY_ZP)
    return Treatment::space;
  if (category == UTF8PROC_CATEGORY_CF)
    return code == kNonJoiner || code == kJoiner ? Treatment::keep : Treatment::drop;
  // Nobody can tell how wide they are.
  if (category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CS ||
      category == UTF8PROC_CATEGORY_CO)
    return Treatment::replace;
  return Treatment::keep;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty())
    width += width_of(take_character(text));
  return width;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::string cut;
  std::size_t width = 0;
  while (!text.empty()) {
    const Character next = take_character(text);
    const std::size_t more = width_of(next);
    // One column is left for what says that there is more.
    if (width + more > columns - 1) break;
    width += more;
    cut += next.bytes;
  }
  return cut + "…";
}

std::string fit_and_fill(std::string_view text, std::size_t columns) {
  std::string filled = fit(text, columns);
  const std::size_t width = display_width(filled);
  if (width < columns) filled.append(columns - width, ' ');
  return filled;
}

std::string safe_line(std::string_view text) {
  constexpr std::size_t kBytesMax = 2000;
  constexpr utf8proc_int32_t kControlSequence = 0x9B;
  std::string line;
  while (!text.empty() && line.size() < kBytesMax) {
    const Character next = take_character(text);
    if (next.code == kEscape) {
      skip_escape_sequence(text);
      continue;
    }
    if (next.code == kControlSequence) {
      skip_control_sequence(text);
      continue;
    }
    switch (treatment_of(next.code)) {
      case Treatment::keep:
        line += next.bytes;
        break;
      case Treatment::space:
        if (!line.empty() && line.back() != ' ') line += ' ';
        break;
      case Treatment::replace:
        line += kReplacement;
        break;
      case Treatment::drop:
        break;
    }
  }
  return std::string(trim(line));
}

}  // namespace konductor::cli
