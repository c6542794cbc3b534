// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "platform/bubblewrap.hpp"

namespace konductor::test {

// Its path; "" where it is not installed.
inline std::string find_bwrap() {
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "" : path, ':')) {
    const std::string program = std::string(folder) + "/bwrap";
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

// True when attempts can be confined by it here; else the test that asked says that it was skipped.
inline bool has_bubblewrap() {
  const std::string program = find_bwrap();
  const bool is_there = !program.empty() && platform::try_bwrap(program).has_value();
  if (!is_there) WARN("skipped: bubblewrap is not installed, or makes no sandbox here");
  return is_there;
}

}  // namespace konductor::test
