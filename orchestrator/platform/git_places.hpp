// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "platform/git_layout.hpp"

namespace konductor::platform::git {

// Where the plans' work trees go. `setting` is git.worktree_dir: relative to the project, absolute,
// or below "~"; empty is `.konductor/worktrees`.
std::filesystem::path worktree_parent(const Layout& layout, const std::filesystem::path& setting);

// Error `environment` when work trees could not be made there, or would get into the user's next
// commit.
Result<void> check_worktree_parent(git_repository* repository, const Layout& layout,
                                   const std::filesystem::path& parent);

}  // namespace konductor::platform::git
