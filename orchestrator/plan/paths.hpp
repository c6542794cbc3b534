// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plan/plan.hpp"

namespace konductor::plan {

enum class PathProblem { none, empty, absolute, leaves_repository };

// What keeps `path` from naming a place inside the repository, judged by its text alone. "~" is the
// home directory and so is absolute.
PathProblem path_problem(std::string_view path);

struct PathFault {
  Rule rule = Rule::empty_path;
  std::string message;
  std::string hint;
};

// The same in words for people; `field` is where the path was declared.
std::optional<PathFault> path_fault(std::string_view path, std::string_view field);

// The shortest spelling of a path inside the repository: "./src//a/../b" is "src/b". A "/" at the
// end, which marks a directory, stays; the repository itself is "./".
std::string normalize_path(std::string_view path);

}  // namespace konductor::plan
