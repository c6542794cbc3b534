// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace konductor::platform {

// What can be told of the repository around a project without changing anything.
struct RepositoryFacts {
  bool is_there = false;  // The project is versioned in one.
  std::string unusable;   // Why it cannot be worked with.
  std::string top;        // Its work tree.
  std::string branch;     // "" where HEAD is at no branch.
  bool has_commit = false;
  bool is_unborn = false;   // It was read, and a first commit is what it lacks.
  std::string under_way;    // "merge", "rebase": what a person has begun there.
  std::string no_identity;  // What to do when git does not know who commits.
};

RepositoryFacts look_at_repository(const std::filesystem::path& root);

std::string git_library_version();

}  // namespace konductor::platform
