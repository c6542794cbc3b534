// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace konductor {

// A part of a text, from its begin to behind its end.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const TextRange&, const TextRange&) = default;
};

// What a secret that begins at some place of a text is taken for.
struct ShapeMatch {
  enum class Fit {
    no,
    maybe,  // The text ends too early to tell.
    yes,
  };
  Fit fit = Fit::no;
  std::size_t end = 0;             // Of all that belongs to it.
  std::vector<TextRange> secrets;  // The parts nobody may read.
  std::string_view kind = {};      // "a private key", "a GitHub token".
};

// Looks at one place of a text for a secret of a well-known shape. A value that says of itself that
// it is an example is none. A text that is not whole (`is_whole`) ends where its next part begins,
// and `maybe` asks for that; what was decided stays so, whatever follows.
ShapeMatch match_token(std::string_view text, std::size_t at, bool is_whole);
ShapeMatch match_private_key(std::string_view text, std::size_t at, bool is_whole);
// The credentials of an HTTP header, in whatever form it is written, or behind the word "Bearer".
ShapeMatch match_authorization(std::string_view text, std::size_t at, bool is_whole);

// How tokens, keys and headers of these shapes begin, three bytes or more of each.
std::vector<std::string_view> secret_beginnings();

// How far before a place `match_token` looks back.
inline constexpr std::size_t kShapeLookBack = 16;

}  // namespace konductor
