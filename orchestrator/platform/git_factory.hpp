// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "platform/git_workspaces.hpp"

namespace konductor::platform {

// Chooses by `isolation`: "worktree", "none" (in place), or "auto": work trees inside a repository,
// in place elsewhere, also where the repository around the project ignores it. Another word is
// `invalid_input`. Whether the project can be worked on is said by prepare().
Result<std::unique_ptr<ports::Workspaces>> make_workspaces(WorkspacesOptions options,
                                                           std::string_view isolation);

// Whether that chooses work trees.
bool takes_work_trees(const std::filesystem::path& root, std::string_view isolation);

}  // namespace konductor::platform
