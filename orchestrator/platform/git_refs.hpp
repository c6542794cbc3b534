// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// One component of a reference's or a worktree's name, with what git forbids there replaced by "-".
std::string safe_name(std::string_view text);

// The same for a name that may have several components.
std::string safe_path(std::string_view text);

// The commit a reference leads to, through symbolic ones; nothing when there is no such reference.
Result<std::optional<git_oid>> read_ref(git_repository* repository, const std::string& name);

// A commit by its id, or by a reference; error `not_found` when there is no such one.
Result<Commit> find_named_commit(git_repository* repository, const std::string& name);

// Creates or moves a reference; waits a while for somebody else's lock on it. With `expected`, only
// from that value (error `conflict`).
Result<void> write_ref(git_repository* repository, const std::string& name, const git_oid& id,
                       const std::string& why, const git_oid* expected = nullptr);

// Creates or redirects a symbolic reference.
Result<void> write_symbolic_ref(git_repository* repository, const std::string& name,
                                const std::string& target);
// A reference to a short text. Not a symbolic one: that would be an error to git once its target is
// gone.
Result<void> write_note(git_repository* repository, const std::string& name,
                        const std::string& text);
// "" when there is none.
std::string read_note(git_repository* repository, const std::string& name);

// Where a symbolic reference points, whether or not that exists; "" when it is none.
std::string symbolic_target(git_repository* repository, const std::string& name);

// A missing one is no error.
Result<void> remove_ref(git_repository* repository, const std::string& name);

// Removes the lock on a reference that a killed engine left on the way to `id`: it says so, or
// nothing yet, and nobody touches it. A lock that another program holds stays.
void remove_dead_lock(const std::filesystem::path& lock, const git_oid& id);

// Removes what stands in the place of a reference's file or of its log and cannot be one: a link,
// through which a write would go elsewhere, a directory, rubbish. For places that an attempt may
// write; nobody may be at work there. True when there was such a thing.
Result<bool> remove_spoiled_ref(const std::filesystem::path& git_directory,
                                const std::string& name);

struct RefValue {
  std::string name;
  std::string value;  // Hex, or "ref: name".
};
// What a reference holds; "" when there is none that can be read.
std::string ref_value(git_repository* repository, const std::string& name);
// References whose names begin with `prefix`, which ends in "/". Names alone cost much less.
Result<std::vector<std::string>> list_ref_names(git_repository* repository,
                                                const std::string& prefix);
Result<std::vector<RefValue>> list_refs(git_repository* repository, const std::string& prefix);

// Keeps a commit under `name`, or under `name` with a number when that is taken by another commit.
// Returns the name.
Result<std::string> keep_commit(git_repository* repository, const std::string& name,
                                const git_oid& id, const std::string& why);

}  // namespace konductor::platform::git
