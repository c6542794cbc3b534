// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "platform/git_handles.hpp"
#include "ports/workspaces.hpp"

namespace konductor::platform::git {

// The tree that a fix of a merge conflict begins from: what merges by itself is merged; text that
// does not has both sides between markers; of anything else there is one side, the one that was
// edited when the other removed it, else ours.
Result<git_oid> write_conflict_tree(git_repository* repository, const git_oid& ours,
                                    const git_oid& theirs, const ports::ConflictLabels& labels);

}  // namespace konductor::platform::git
