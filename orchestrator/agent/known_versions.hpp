// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace konductor::agent {

// What is known of an agent's program in one version.
struct VersionVerdict {
  enum class Kind {
    unknown,   // A program that nobody here has tried.
    verified,  // The version that the tests with real agents drive.
    other,     // Another version than that.
    bad,       // Known not to work.
  };
  Kind kind = Kind::unknown;
  std::string text;  // For people: the verified version, or what is wrong.
  friend bool operator==(const VersionVerdict&, const VersionVerdict&) = default;
};

// The first version number in what a program prints for --version: "2.1.330" of "2.1.330 (Claude
// Code)"; "" when there is none.
std::string version_in(std::string_view printed);

// `program`: the file's name without its folder.
VersionVerdict judge_version(std::string_view program, std::string_view version);

}  // namespace konductor::agent
