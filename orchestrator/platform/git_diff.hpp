// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "platform/git_handles.hpp"
#include "platform/git_layout.hpp"
#include "ports/workspaces.hpp"

// Questions about commits that no working tree is needed for. Paths are the project's.
namespace konductor::platform::git {

Result<std::vector<ports::FileChange>> changes_between(git_repository* repository,
                                                       const Layout& layout,
                                                       const std::string& from,
                                                       const std::string& to);

Result<std::string> patch_between(git_repository* repository, const Layout& layout,
                                  const std::string& from, const std::string& to,
                                  std::size_t bytes_max, const std::vector<std::string>& paths);

// The difference itself, the project's own folder left out. Files larger than `shown_file_max`
// count as binary.
Result<Diff> diff_commits(git_repository* repository, const Layout& layout, const std::string& from,
                          const std::string& to, git_off_t shown_file_max);
// Joins what was removed and added to what was renamed.
Result<void> find_renames(const Diff& diff);

Result<std::string> file_in_commit(git_repository* repository, const Layout& layout,
                                   const std::string& commit, const std::string& path);

}  // namespace konductor::platform::git
