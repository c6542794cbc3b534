// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "platform/git_index_lock.hpp"
#include "platform/git_layout.hpp"

namespace konductor::platform::git {

// Brings the integration branch home: fast-forwards the user's branch, with its files when it is
// checked out. Nothing of the user's is ever overwritten; a delivery that was killed halfway is
// finished by the next one.
class DeliveryRun {
 public:
  DeliveryRun(git_repository* repository, const Layout& layout, const PhaseNames& names)
      : repository_(repository),
        layout_(layout),
        names_(names),
        index_(layout.git_directory, names.phase) {}

  Result<ports::Delivery> run();

 private:
  ports::Delivery refused(const std::string& why) const;
  Result<void> look_for_interrupted();
  Result<ports::Delivery> move_branch_only();
  Result<ports::Delivery> move_checkout();
  // Why the checkout cannot be updated now, or "".
  std::string reason_to_wait() const;
  Result<std::string> dirt();
  Result<std::string> dirty_path();
  Result<std::vector<std::string>> update_paths();
  bool holds_only(const std::filesystem::path& directory,
                  const std::vector<std::string>& paths) const;
  Result<bool> may_finish(const std::string& path, const std::vector<std::string>& paths);
  Result<std::string> finish_interrupted();
  Result<std::string> update_files();
  Result<void> force_files(const git_oid& commit, const std::vector<std::string>& paths);
  Result<void> check_out(const git_oid& commit, git_checkout_options& options);
  Result<void> begin();
  Result<void> move_branch();
  ports::Delivery delivered() const;

  git_repository* repository_;
  const Layout& layout_;
  const PhaseNames& names_;
  IndexLock index_;
  bool was_interrupted_ = false;  // By a kill, on the way to this very result.
  std::string target_;            // The user's branch, in full.
  git_oid user_{};                // Where it is.
  git_oid result_{};              // Where it is to go.
  std::string command_;           // What a person would do instead.
};

}  // namespace konductor::platform::git
