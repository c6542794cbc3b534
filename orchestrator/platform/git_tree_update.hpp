// SPDX-License-Identifier: MIT
#pragma once

#include "platform/git_change_set.hpp"

namespace konductor::platform::git {

// The tree that results from changes to another one, without an index: costs what the directories
// cost in which something changes. A change may be of a whole directory, by its tree; what it
// removes need not be there. Directories in which nothing is left are gone. Fails when a file would
// have to be a directory too.
Result<git_oid> update_tree(git_repository* repository, const git_oid& tree,
                            const ChangeSet& changes);

}  // namespace konductor::platform::git
