// SPDX-License-Identifier: MIT
#include "base/json_escapes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace konductor {
namespace {

constexpr std::size_t kEscapeSize = 6;  // "\u0041"

// The code unit of the escape at `at`, if one stands there.
std::optional<unsigned> code_unit(std::string_view text, std::size_t at) {
  const std::string_view escape = text.substr(std::min(at, text.size()), kEscapeSize);
  if (escape.size() < kEscapeSize || escape.substr(0, 2) != "\\u") return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] =
      std::from_chars(escape.data() + 2, escape.data() + escape.size(), unit, 16);
  if (error != std::errc() || end != escape.data() + escape.size()) return std::nullopt;
  return unit;
}

bool is_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDFFF;
}

}  // namespace

std::string without_half_characters(std::string json_text) {
  std::string& text = json_text;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    const std::optional<unsigned> unit = code_unit(text, i);
    if (!unit || !is_surrogate(*unit)) {
      ++i;  // Whatever is escaped here is no beginning of an escape.
      continue;
    }
    const std::optional<unsigned> next = code_unit(text, i + kEscapeSize);
    const bool is_pair = *unit < 0xDC00 && next && *next >= 0xDC00 && *next <= 0xDFFF;
    if (!is_pair) text.replace(i + 2, 4, "FFFD");
    i += (is_pair ? 2 : 1) * kEscapeSize - 1;
  }
  return json_text;
}

}  // namespace konductor
