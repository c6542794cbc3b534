// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace konductor::gates {

// A line that keeps a test, or a whole group of tests, from counting.
struct Skip {
  std::string marker;  // "t.Skip", "@Disabled".
  std::string text;    // The line, trimmed.
  int line = 1;
  bool is_conditional = false;  // It stands in an `if`, or carries its condition with it.
  friend bool operator==(const Skip&, const Skip&) = default;
};

// What a file of tests says, as far as it can be told from its lines without knowing the language:
// words that test frameworks use, outside of comments and strings. Both lists are in the file's
// order. Of a Rust file that is not all tests only the part behind "#[cfg(test)]" counts.
struct TestText {
  std::vector<std::string> assertions;  // Lines that assert something, trimmed.
  std::vector<Skip> skips;
};

TestText read_tests(std::string_view path, std::string_view text);

}  // namespace konductor::gates
