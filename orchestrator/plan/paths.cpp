// SPDX-License-Identifier: MIT
#include "plan/paths.hpp"

#include <vector>

#include "base/text.hpp"

namespace konductor::plan {

PathProblem path_problem(std::string_view path) {
  if (trim(path).empty()) return PathProblem::empty;
  if (path.front() == '/' || path == "~" || path.substr(0, 2) == "~/") return PathProblem::absolute;
  int depth = 0;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    depth += part == ".." ? -1 : 1;
    if (depth < 0) return PathProblem::leaves_repository;
  }
  return PathProblem::none;
}

std::optional<PathFault> path_fault(std::string_view path, std::string_view field) {
  switch (path_problem(path)) {
    case PathProblem::none:
      return std::nullopt;
    case PathProblem::empty:
      return PathFault{Rule::empty_path, quote(field) + " holds an empty path",
                       "name a file or leave it out"};
    case PathProblem::absolute:
      return PathFault{Rule::absolute_path, "absolute path " + quote(path) + " in " + quote(field),
                       "write paths relative to the top of the repository"};
    case PathProblem::leaves_repository:
      return PathFault{Rule::path_outside,
                       "path " + quote(path) + " in " + quote(field) + " leaves the repository",
                       "write paths relative to the top of the repository, without \"..\""};
  }
  return std::nullopt;
}

std::string normalize_path(std::string_view path) {
  const bool is_plain = path.substr(0, 2) != "./" && path.find("//") == std::string_view::npos &&
                        path.find("/.") == std::string_view::npos && path != ".";
  if (is_plain) return std::string(path);
  std::vector<std::string_view> kept;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !kept.empty() && kept.back() != "..")
      kept.pop_back();
    else
      kept.push_back(part);
  }
  std::string normal;
  for (const std::string_view part : kept) {
    if (!normal.empty()) normal += '/';
    normal += part;
  }
  if (normal.empty()) return "./";
  const std::string_view last = split(path, '/').back();
  if (last.empty() || last == ".") normal += '/';
  return normal;
}

}  // namespace konductor::plan
