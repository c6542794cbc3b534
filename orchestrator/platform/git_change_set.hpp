// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// What a commit changed, file by file, without their contents.
struct TreeChange {
  git_oid id{};
  git_filemode_t mode = GIT_FILEMODE_UNREADABLE;  // Of a removed file.

  bool is_removed() const { return mode == GIT_FILEMODE_UNREADABLE; }
};
using ChangeSet = std::map<std::string, TreeChange>;

Result<ChangeSet> change_set(git_repository* repository, const git_oid& from, const git_oid& to);
// The same of two trees.
Result<ChangeSet> tree_changes(git_repository* repository, const git_oid& from, const git_oid& to);

// Whether no file of one lies at, below or above a file of the other.
bool are_disjoint(const ChangeSet& one, const ChangeSet& other);

// The tree of a merge whose sides changed different files; nothing when they did not, or when only
// a whole merge can tell.
Result<std::optional<git_oid>> merge_disjoint(git_repository* repository, const git_oid& base,
                                              const git_oid& ours, const git_oid& theirs);

}  // namespace konductor::platform::git
