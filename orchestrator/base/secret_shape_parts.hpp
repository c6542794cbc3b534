// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "base/secret_shapes.hpp"

// What the recognizers of secrets share.
namespace konductor::shapes {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What documents put where a secret goes: "AKIAIOSFODNN7EXAMPLE", "ghp_xxxxxxxx…", words with
// dashes and no digit.
bool is_placeholder(std::string_view value);

// Whether `prefix` stands at `at`, or may when more follows.
ShapeMatch::Fit fit_prefix(std::string_view text, std::size_t at, std::string_view prefix,
                           bool is_whole);

// False in the middle of another word, where a beginning is chance.
bool begins_word(std::string_view text, std::size_t at);

// How private keys and headers begin.
std::vector<std::string_view> block_beginnings();

}  // namespace konductor::shapes
