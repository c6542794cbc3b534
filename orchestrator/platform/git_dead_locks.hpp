// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

// Locks in a repository that killed programs left.
namespace konductor::platform {

// What a phase's names in a repository are told by.
struct PhaseOwner {
  std::string phase;
  std::set<std::string> runs;  // That its journal knows.
  bool is_held = false;        // By an engine: its trees are not to be opened.
};

// The git directory that a phase's references are in: `isolation` is "worktree" or "none". Empty
// where there is none.
std::filesystem::path reference_directory(const std::filesystem::path& root,
                                          std::string_view isolation);
// Whether something in it looks like locks that a killed program left: on references of ours, or
// of a clean that did not end. Costs next to nothing.
bool may_have_dead_locks(const std::filesystem::path& git_directory);
// Removes them. All phases' runs that are named belong to phases that the caller holds.
Result<void> remove_dead_locks(const std::filesystem::path& git_directory, const PhaseOwner& owner);

// Removes those on the branches below `branches`, but for one that a living program may hold: an
// attempt that outlived its engine commits when it likes.
void remove_dead_branch_locks(const std::filesystem::path& git_directory,
                              const std::filesystem::path& branches);

// Has to be called before references are removed, and the other afterwards: so that what a kill
// leaves locked in between is known to be nobody else's.
Result<void> note_cleaning(const std::filesystem::path& git_directory);
Result<void> end_cleaning(const std::filesystem::path& git_directory);

// The lock of all references that are packed in one file.
std::filesystem::path packed_lock(const std::filesystem::path& git_directory);

}  // namespace konductor::platform
