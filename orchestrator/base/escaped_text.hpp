// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace konductor {

// How often a text can have been written into a JSON string: an agent's event holds what a tool
// printed, which may be JSON with a string in it, and so on.
inline constexpr int kEscapeLevelsMax = 3;

// The next character of a text that was written into JSON strings `level` times, as it was before
// that: UTF-8, or a single byte of it where the text has it unescaped.
struct UnescapedUnit {
  enum class State {
    none,   // No such text can go on here.
    ended,  // The text ends here or within it.
    some,
  };
  State state = State::none;
  std::size_t end = 0;
  std::array<char, 4> bytes{};
  std::size_t size = 0;

  [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
};

UnescapedUnit read_unescaped(std::string_view text, std::size_t at, int level);

// Behind the escape of a JSON string that begins at the backslash at `at`; behind the backslash
// alone when it is none.
std::size_t end_of_escape(std::string_view text, std::size_t at);

}  // namespace konductor
