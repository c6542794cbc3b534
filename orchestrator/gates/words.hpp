// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

// What the readers of test code ask of words, in ASCII.
namespace konductor::gates {

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

inline bool begins(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

inline bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

// Of an identifier.
inline bool is_word(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace konductor::gates
