// SPDX-License-Identifier: MIT
#include "platform/git_places.hpp"

#include <unistd.h>

#include <cstdlib>

#include "base/text.hpp"
#include "platform/git_files.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

fs::path expanded(const fs::path& setting) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || setting.empty() || *setting.begin() != "~") return setting;
  return fs::path(home) / setting.lexically_relative("~");
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

Error unusable(const fs::path& parent, const std::string& why) {
  return Error{ErrorCode::environment, "git.worktree_dir: no work trees can stand in " +
                                           quote(parent.native()) + ": " + why};
}

}  // namespace

fs::path worktree_parent(const Layout& layout, const fs::path& setting) {
  if (setting.empty()) return layout.root / kProjectFolder / "worktrees";
  const fs::path wanted = (layout.root / expanded(setting)).lexically_normal();
  std::error_code error;
  const fs::path parent = fs::weakly_canonical(wanted, error);
  return error ? wanted : parent;
}

Result<void> check_worktree_parent(git_repository* repository, const Layout& layout,
                                   const fs::path& parent) {
  if (is_inside(parent, layout.git_directory) || is_inside(parent, layout.common_directory))
    return unusable(parent, "that belongs to git; choose another place");
  if (is_inside(parent, layout.top) && !is_inside(parent, layout.root / kProjectFolder)) {
    if (parent == layout.top) return unusable(parent, "that is where your own files are");
    int ignored = 0;
    const std::string path = parent.lexically_relative(layout.top).native() + "/";
    if (git_ignore_path_is_ignored(&ignored, repository, path.c_str()) < 0 || ignored == 0)
      return unusable(parent,
                      "it is in the repository and not ignored, so that `git add` would "
                      "take them up; write \"/" +
                          path + "\" in .git/info/exclude, or choose a place outside");
  }
  fs::path there = parent;
  std::error_code error;
  while (!fs::exists(there, error) && there.has_relative_path())
    there = there.parent_path();
  fs::create_directories(parent, error);
  if (error) return unusable(parent, error.message());
  const bool is_usable = ::access(parent.c_str(), W_OK | X_OK) == 0;
  // Made again when the first plan begins.
  remove_empty_directories(parent, there);
  if (!is_usable) return unusable(parent, "it cannot be written to");
  return {};
}

}  // namespace konductor::platform::git
