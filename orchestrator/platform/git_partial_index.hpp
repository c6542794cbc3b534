// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// The index, in memory, of what a tree holds at and below some paths, and of the files in the place
// of their directories. Nothing is known of the files on disk, so their content is always looked
// at. Nothing when a whole index serves better: there are many such files, or a submodule is among
// them.
Result<std::optional<Index>> partial_index(git_repository* repository, const git_oid& tree,
                                           const std::vector<std::string>& paths);

}  // namespace konductor::platform::git
