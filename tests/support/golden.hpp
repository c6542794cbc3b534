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

inline std::string text_at(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  return text.str();
}

// Compares `actual` with a file of the source, `name` its path there. With KONDUCTOR_ACCEPT=1 a
// text that differs is written there instead; the test fails all the same, so that nothing is
// accepted unseen.
inline void require_source_file(const std::string& name, const std::string& actual) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(KONDUCTOR_SOURCE_DIR) / name;
  const std::string expected = text_at(path);
  if (expected == actual) {
    SUCCEED();
    return;
  }
  INFO(describe_difference(expected, actual));
  const char* accept = std::getenv("KONDUCTOR_ACCEPT");
  if (accept == nullptr || std::string(accept) != "1")
    FAIL(name << " differs; look at it and accept it with KONDUCTOR_ACCEPT=1");
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << actual;
  FAIL(name << " was written anew; read the difference and run again");
}

// The same for tests/golden/`name`.
inline void require_golden(const std::string& name, const std::string& actual) {
  require_source_file("tests/golden/" + name, actual);
}

// The same for what stands in a document between the lines "<!-- begin part -->" and
// "<!-- end part -->".
inline void require_golden_part(const std::string& name, const std::string& part,
                                const std::string& actual) {
  const std::string text = text_at(std::filesystem::path(KONDUCTOR_SOURCE_DIR) / name);
  const std::string begin = "<!-- begin " + part + " -->\n";
  const std::size_t from = text.find(begin);
  const std::size_t to = text.find("<!-- end " + part + " -->\n");
  if (from == std::string::npos || to == std::string::npos || to < from)
    FAIL(name << " has no place for " << part);
  require_source_file(name, text.substr(0, from + begin.size()) + actual + text.substr(to));
}

}  // namespace konductor::test
