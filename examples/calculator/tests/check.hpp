// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iostream>

#include "error.hpp"

// The little that these tests need: each failed check prints its line, and the test program ends
// with `return check::result();`.
namespace check {

inline int failures = 0;

inline int result() {
  return failures == 0 ? 0 : 1;
}

template <class Actual, class Expected>
void equal(const Actual& actual, const Expected& expected, const char* file, int line) {
  if (actual == expected) return;
  ++failures;
  std::cerr << file << ":" << line << ": got " << actual << ", expected " << expected << "\n";
}

template <class Function>
void error_at(Function function, std::size_t position, const char* file, int line) {
  try {
    function();
  } catch (const calculator::Error& error) {
    equal(error.position(), position, file, line);
    return;
  }
  ++failures;
  std::cerr << file << ":" << line << ": no error\n";
}

}  // namespace check

#define CHECK_EQUAL(actual, expected) check::equal((actual), (expected), __FILE__, __LINE__)
#define CHECK_ERROR_AT(expression, position) \
  check::error_at([&] { (void)(expression); }, (position), __FILE__, __LINE__)
