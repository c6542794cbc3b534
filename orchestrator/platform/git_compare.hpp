// SPDX-License-Identifier: MIT
#pragma once

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// How trees are compared unless a caller says otherwise: a file that has become a link is one
// change, and no content is read.
git_diff_options tree_comparison();

// What differs between two trees, or between those of two commits, in the order of the paths.
Result<Diff> compare_trees(git_repository* repository, const git_oid& from, const git_oid& to,
                           const git_diff_options& options = tree_comparison());
Result<Diff> compare_commits(git_repository* repository, const git_oid& from, const git_oid& to,
                             const git_diff_options& options = tree_comparison());

}  // namespace konductor::platform::git
