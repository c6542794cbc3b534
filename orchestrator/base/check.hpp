// SPDX-License-Identifier: MIT
#pragma once

namespace konductor {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace konductor

// Ends the program when an invariant of our own code is broken, in release builds too.
#define KON_CHECK(condition)                                                     \
  do {                                                                           \
    if (!(condition)) ::konductor::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
