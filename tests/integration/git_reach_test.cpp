// SPDX-License-Identifier: MIT
// Which commits the user's references reach, seen in one walk.
#include "platform/git_reach.hpp"

#include <filesystem>

#include "support/git_project.hpp"

using namespace konductor;  // NOLINT
using test::GitProject;
using test::require;

namespace {

std::vector<bool> reached(const std::filesystem::path& git_directory,
                          const std::vector<std::string>& tips,
                          const std::vector<std::string>& commits) {
  namespace git = platform::git;
  const git::Repository repository = require(git::open_repository(git_directory));
  const auto ids = [](const std::vector<std::string>& texts) {
    std::vector<git_oid> found;
    for (const std::string& text : texts)
      found.push_back(require(git::parse_id(text)));
    return found;
  };
  return require(git::reached_from(repository.get(), ids(tips), ids(commits)));
}

}  // namespace

TEST_CASE("what a tip's history holds is reached, what lies beside it is not") {
  const GitProject project;
  const std::string first = project.head();
  const std::string second = project.commit("second");
  project.git({"checkout", "-q", "-b", "side", first});
  const std::string side = project.commit("side");
  const std::string further = project.commit("further");
  project.git({"checkout", "-q", "main"});
  CHECK(reached(project.git_directory(), {second}, {first, second, side, further}) ==
        std::vector<bool>{true, true, false, false});
  CHECK(reached(project.git_directory(), {second, side}, {side, further}) ==
        std::vector<bool>{true, false});
  CHECK(reached(project.git_directory(), {}, {first}) == std::vector<bool>{false});
  CHECK(reached(project.git_directory(), {first}, {}).empty());
  project.git({"merge", "-q", "--no-edit", "side"});
  CHECK(reached(project.git_directory(), {project.head()}, {first, side, further, second}) ==
        std::vector<bool>{true, true, true, true});
}

TEST_CASE("an unrelated history is not reached, and a shallow clone's ends where it ends") {
  const GitProject project;
  const std::string first = project.head();
  project.commit("second");
  const std::string main = project.commit("third");
  project.git({"checkout", "-q", "--orphan", "other"});
  const std::string other = project.commit("other");
  project.git({"checkout", "-q", "main"});
  CHECK(reached(project.git_directory(), {main}, {first, other}) == std::vector<bool>{true, false});
  const std::filesystem::path clone = project.root / "clone";
  project.git({"clone", "-q", "--depth", "1", "file://" + project.root.string(), "clone"});
  CHECK(reached(clone / ".git", {main}, {main}) == std::vector<bool>{true});
  project.git_in(clone, {"config", "user.name", "Ada"});
  project.git_in(clone, {"config", "user.email", "ada@example.org"});
  const std::string next = project.commit_in(clone, "next");
  CHECK(reached(clone / ".git", {main}, {main, next}) == std::vector<bool>{true, false});
}
