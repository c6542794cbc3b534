// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/git_index_lock.hpp"
#include "platform/git_layout.hpp"

namespace konductor::platform::git {

// The files and the index of the user's checkout, as a delivery sees them: brought from what one
// commit says to what another says, and back. Says what is in the way; decides nothing.
class UserCheckout {
 public:
  UserCheckout(git_repository* repository, const Layout& layout, const std::string& phase)
      : repository_(repository), layout_(layout), index_(layout.git_directory, phase) {}

  // Removes what a killed engine of this phase left on the index.
  void clear_dead_lock() const { index_.clear(); }

  // Why git would not let anybody work on it now, or "".
  std::string busy_reason() const;
  bool is_sparse() const;
  // Why only the git program can work on it (" is a sparse checkout"), or "".
  std::string strangeness() const;

  // A path that differs from `commit` in the index or on disk, `.konductor` and files that are not
  // tracked left out; "" when it is clean.
  Result<std::string> dirty_path(const git_oid& commit);

  // The files that differ between two commits, and the submodules.
  struct Difference {
    std::vector<std::string> files;
    std::vector<std::string> submodules;
  };
  Result<Difference> between(const git_oid& from, const git_oid& to) const;

  // Whether every one of these files is as in the commit, or not there as in the commit.
  Result<bool> holds(const std::vector<std::string>& files, const git_oid& commit) const;

  // Those of these files that are neither as in one of the two commits nor what a killed change
  // from the first to the second can have left.
  Result<std::vector<std::string>> edited(const std::vector<std::string>& files,
                                          const git_oid& from, const git_oid& to) const;

  // Makes files and index those of `commit`. Error `conflict` or `already_exists` when something
  // was in the way and nothing was touched.
  enum class WithIndex { yes, no };
  Result<void> update(const git_oid& commit, WithIndex with_index);

  // Makes these files, and their entries in the index, those of `commit`, whatever they hold.
  Result<void> put(const git_oid& commit, const std::vector<std::string>& files);

  // A commit on top of `commit` with these files as they stand.
  Result<git_oid> record(const git_oid& commit, const std::vector<std::string>& files);

 private:
  Result<bool> may_be_cut_off(const std::string& file, const std::vector<std::string>& files,
                              const git_oid& from, const git_oid& to) const;
  bool holds_only(const std::filesystem::path& directory,
                  const std::vector<std::string>& files) const;
  Result<void> check_out(const git_oid& commit, git_checkout_options& options, WithIndex with_index,
                         const std::vector<std::string>& files = {});

  git_repository* repository_;
  const Layout& layout_;
  IndexLock index_;
};

}  // namespace konductor::platform::git
