// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

namespace konductor::cli {

// What a project's own folder holds.
struct ProjectListing {
  std::vector<std::string> names;            // A directory ends in "/".
  std::map<std::string, std::string> texts;  // Of the files of `detection_files` that are there.
};

// What can be told of a project by its files.
struct ProjectKind {
  std::vector<std::string> languages;  // "C++", "Rust", …; empty when nothing is known.
  // Shell commands that run the tests from a fresh checkout, the likeliest first.
  std::vector<std::string> test_commands;
  // What a fresh work tree needs before that.
  std::vector<std::string> setup_commands;
  friend bool operator==(const ProjectKind&, const ProjectKind&) = default;
};

// The files whose texts detection reads.
const std::vector<std::string>& detection_files();

// Pure. Files that do not parse only tell that they are there.
ProjectKind detect_project(const ProjectListing& listing);

}  // namespace konductor::cli
