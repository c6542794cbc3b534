// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/git_layout.hpp"
#include "platform/git_user_checkout.hpp"

namespace konductor::platform::git {

// How a result comes home.
struct DeliveryRules {
  bool commits = true;      // false: as changes in the working tree, and no branch moves.
  bool signs = false;       // With a signature, or with the user's hooks: by one merge commit that
  bool runs_hooks = false;  // the git program makes.
  std::string run;          // For the message of that commit.

  bool needs_merge_commit() const { return signs || runs_hooks; }
};

// Brings the integration branch home: fast-forwards the user's branch, with its files when it is
// checked out. Nothing of the user's is ever overwritten; a delivery that was killed halfway is
// finished by the next one.
class DeliveryRun {
 public:
  DeliveryRun(git_repository* repository, const Layout& layout, const PhaseNames& names,
              DeliveryRules rules)
      : repository_(repository),
        layout_(layout),
        names_(names),
        rules_(std::move(rules)),
        checkout_(repository, layout, names.phase) {}

  Result<ports::Delivery> run();

  // After the git program could not do what it was given: puts the checkout back. Says where what
  // was changed meanwhile is kept, or "".
  Result<std::string> abandon();

 private:
  // Nothing: there is a branch to move and somewhere to move it.
  Result<std::optional<ports::Delivery>> find_ends();
  ports::Delivery refused(const std::string& why) const;
  ports::Delivery delivered(ports::DeliveredAs as, const std::string& detail) const;
  std::string target_name() const;
  std::string home_text() const;
  Result<void> look_for_interrupted();
  Result<ports::Delivery> move_branch_only();
  Result<ports::Delivery> move_checkout();
  // Why the checkout cannot be worked on, or "". Finishes what was cut short.
  Result<std::string> make_ready();
  Result<std::string> dirt();
  Result<std::string> finish_interrupted();
  Result<std::string> update_files(UserCheckout::WithIndex with_index);
  Result<void> begin();
  Result<void> move_branch();

  // Without a commit: git_delivery_files.cpp.
  Result<ports::Delivery> deliver_files();
  Result<ports::Delivery> put_files();
  Result<ports::Delivery> remember_files();
  std::string files_command() const;

  // By the git program: git_delivery_program.cpp.
  Result<ports::Delivery> merge_by_program();
  Result<ports::Delivery> forward_by_program();
  bool is_own_merge() const;
  Result<void> end_own_merge();
  void forget_merge();

  git_repository* repository_;
  const Layout& layout_;
  const PhaseNames& names_;
  const DeliveryRules rules_;
  UserCheckout checkout_;
  bool was_interrupted_ = false;    // By a kill, on the way to this very result.
  std::string target_;              // The user's branch, in full.
  git_oid user_{};                  // Where it is.
  git_oid result_{};                // Where it is to go.
  std::optional<git_oid> earlier_;  // What was delivered without a commit before.
  std::string command_;             // What a person would do instead.
};

}  // namespace konductor::platform::git
