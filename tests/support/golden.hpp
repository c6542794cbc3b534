// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace konductor::test {

// The first line in which two texts differ, for a failure that can be read.
inline std::string describe_difference(const std::string& expected, const std::string& actual) {
  const auto old_lines = split_lines(expected);
  const auto new_lines = split_lines(actual);
  for (std::size_t i = 0; i < std::max(old_lines.size(), new_lines.size()); ++i) {
    const std::string old_line = i < old_lines.size() ? std::string(old_lines[i]) : "(no line)";
    const std::string new_line = i < new_lines.size() ? std::string(new_lines[i]) : "(no line)";
    if (old_line == new_line) continue;
    return "line " + std::to_string(i + 1) + "\n  expected: " + old_line +
           "\n  actual:   " + new_line;
  }
  return "they differ in line ends only";
}

// Compares `actual` with tests/golden/`name`. With KONDUCTOR_ACCEPT=1 a text that differs is
// written there instead; the test fails all the same, so that nothing is accepted unseen.
inline void require_golden(const std::string& name, const std::string& actual) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(KONDUCTOR_SOURCE_DIR) / "tests" / "golden" / name;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  const std::string expected = text.str();
  if (expected == actual) {
    SUCCEED();
    return;
  }
  INFO(describe_difference(expected, actual));
  const char* accept = std::getenv("KONDUCTOR_ACCEPT");
  if (accept == nullptr || std::string(accept) != "1")
    FAIL("tests/golden/" << name << " differs; look at it and accept it with KONDUCTOR_ACCEPT=1");
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << actual;
  FAIL("tests/golden/" << name << " was written anew; read the difference and run again");
}

}  // namespace konductor::test
