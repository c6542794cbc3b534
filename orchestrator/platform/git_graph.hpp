// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// The best common ancestors of two commits, newest first: none when their histories are unrelated,
// several after criss-cross merges. A history that a shallow clone cuts off simply ends there.
Result<std::vector<git_oid>> common_ancestors(git_repository* repository, const git_oid& one,
                                              const git_oid& two);

// Whether `ancestor` is `descendant` or lies in its history.
Result<bool> is_ancestor(git_repository* repository, const git_oid& ancestor,
                         const git_oid& descendant);

// What merging two commits gives as an index, conflicts among its entries.
Result<Index> merged_index(git_repository* repository, const git_oid& ours, const git_oid& theirs);

struct Merged {
  git_oid tree{};
  std::vector<std::string> conflicts;  // Paths in the repository; the tree is set when empty.
};
// What merging two commits gives, made without a working tree. Costs what the change costs where
// the two sides changed different files.
Result<Merged> merge_commits(git_repository* repository, const git_oid& ours,
                             const git_oid& theirs);

// Whether merging `theirs` into `ours` would change no file: `ours` holds it all already.
Result<bool> adds_nothing(git_repository* repository, const git_oid& ours, const git_oid& theirs);

}  // namespace konductor::platform::git
