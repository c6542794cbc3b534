// SPDX-License-Identifier: MIT
#include "plan/paths.hpp"

#include <catch2/catch.hpp>

using konductor::plan::normalize_path;
using konductor::plan::path_problem;
using konductor::plan::PathProblem;

TEST_CASE("a path inside the repository is no problem, one outside is") {
  CHECK(path_problem("src/a.cpp") == PathProblem::none);
  CHECK(path_problem("./src/") == PathProblem::none);
  CHECK(path_problem("a/../b") == PathProblem::none);
  CHECK(path_problem("..a/b..") == PathProblem::none);
  CHECK(path_problem("...") == PathProblem::none);
  CHECK(path_problem("../a") == PathProblem::leaves_repository);
  CHECK(path_problem("a/../../b/c/d") == PathProblem::leaves_repository);
  CHECK(path_problem("./..") == PathProblem::leaves_repository);
  CHECK(path_problem("/etc/passwd") == PathProblem::absolute);
  CHECK(path_problem("~/notes") == PathProblem::absolute);
  CHECK(path_problem("~backup") == PathProblem::none);
  CHECK(path_problem("") == PathProblem::empty);
  CHECK(path_problem("  ") == PathProblem::empty);
}

TEST_CASE("a path has one shortest spelling") {
  CHECK(normalize_path("src/a.cpp") == "src/a.cpp");
  CHECK(normalize_path("./src//a.cpp") == "src/a.cpp");
  CHECK(normalize_path("src/./a/../b.cpp") == "src/b.cpp");
  CHECK(normalize_path("./src/") == "src/");
  CHECK(normalize_path("src/.") == "src/");
  CHECK(normalize_path(".github/x.yml") == ".github/x.yml");
  CHECK(normalize_path("a/.hidden") == "a/.hidden");
  CHECK(normalize_path("./") == "./");
  CHECK(normalize_path(".") == "./");
  CHECK(normalize_path("a/..") == "./");
}
