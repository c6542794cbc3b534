// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/cleanup.hpp"
#include "platform/git_dead_locks.hpp"

namespace konductor::platform {

// What runs have left in one repository: the user's, or the project's own store of snapshots. The
// phases whose leftovers are removed have to be locked.
class GitCleanup {
 public:
  // `worktree_dir` as in the settings. Error when there is no repository around the project.
  static Result<GitCleanup> open(const std::filesystem::path& root,
                                 const std::filesystem::path& worktree_dir);
  // Nothing when the project has no store.
  static Result<std::unique_ptr<GitCleanup>> open_store(const std::filesystem::path& root);
  GitCleanup(GitCleanup&&) noexcept;
  GitCleanup& operator=(GitCleanup&&) noexcept;
  ~GitCleanup();

  // Phases that have branches here and are none of these.
  Result<std::set<std::string>> other_phases(const std::set<std::string>& known) const;
  // Everything that runs have left, and what of it the user's branches reach. In a store, where the
  // user has none, that is what the newest states reach, which the folder itself holds.
  Result<std::vector<engine::Leftover>> find(const std::vector<PhaseOwner>& owners) const;

  // Makes trees whose files a killed engine has left in overlays plain ones, so that they can be
  // looked at. The phases have to be held.
  Result<void> settle(const std::set<std::string>& phases) const;

  // Has to be called before something is removed, and end() afterwards: so that what a kill leaves
  // locked in between is known to be nobody else's (see remove_dead_locks).
  Result<void> begin() const;
  Result<void> end() const;

  // Removes one; a missing one is no error. Work in a tree that no commit holds is kept first,
  // under a reference of `run`, whose name is returned ("" when there was none).
  Result<std::string> remove(const engine::Leftover& leftover, const std::string& run) const;
  // Removes what killed programs left of trees, and directories that are empty.
  Result<void> tidy(const std::set<std::string>& phases) const;
  // Whether anything of any phase is left.
  Result<bool> is_empty() const;
  // A store that holds nothing any more.
  Result<void> remove_store() const;

 private:
  struct Parts;
  explicit GitCleanup(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace konductor::platform
