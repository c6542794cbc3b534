// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "platform/git_layout.hpp"

namespace konductor::platform::git {

// Brings the integration branch home: fast-forwards the user's branch, with its files when it is
// checked out. Nothing of the user's is ever overwritten; a delivery that was killed halfway is
// finished by the next one.
class DeliveryRun {
 public:
  DeliveryRun(git_repository* repository, const Layout& layout, const PhaseNames& names)
      : repository_(repository), layout_(layout), names_(names) {}

  Result<ports::Delivery> run();

 private:
  ports::Delivery refused(const std::string& why) const;
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
  Result<void> move_branch();
  ports::Delivery delivered() const;

  git_repository* repository_;
  const Layout& layout_;
  const PhaseNames& names_;
  std::string target_;   // The user's branch, in full.
  git_oid user_{};       // Where it is.
  git_oid result_{};     // Where it is to go.
  std::string command_;  // What a person would do instead.
};

}  // namespace konductor::platform::git
