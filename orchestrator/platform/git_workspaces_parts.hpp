// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "platform/git_attempt_tip.hpp"
#include "platform/git_delivery.hpp"
#include "platform/git_guard.hpp"
#include "platform/git_overlays.hpp"
#include "platform/git_phase.hpp"
#include "platform/git_session.hpp"
#include "platform/git_stack.hpp"
#include "platform/git_workspaces.hpp"
#include "platform/git_worktree.hpp"
#include "platform/git_worktree_pool.hpp"

namespace konductor::platform {

// What the calls of GitWorkspaces are made of: the opened repositories, the phase's branches, and
// the steps that several calls share. May be used from any thread.
class GitWorkspaces::Parts {
 public:
  explicit Parts(WorkspacesOptions given)
      : options(std::move(given)), branches(options.phase, options.run) {}

  Result<git::Session> begin();
  void forget_open_repositories() { repositories_.forget(); }
  Result<git::Layout> layout();

  // Where the work trees stand.
  std::filesystem::path worktree_parent(const git::Layout& where) const;
  git::PlanWorktree tree(const git::Session& session, ports::PlanNumber plan) const;
  // The plan's, or its copy, which belongs at `commit`.
  git::PlanWorktree tree(const git::Session& session, const ports::Workspace& workspace,
                         const std::string& commit) const;
  // --- Copies ---
  // One that belongs at `commit`, or nobody knows where ("").
  git::PlanWorktree review_copy(const git::Session& session, ports::PlanNumber plan,
                                const std::string& commit) const;
  // Gives it to later plans, when there is one.
  Result<void> close_copy(const git::Session& session, ports::PlanNumber plan);
  Result<void> remove_copies(const git::Session& session);
  // Whether this object has it in hand; from now on it has.
  bool knew_copy(ports::PlanNumber plan);

  // Makes sure that the files of an overlay are in their place.
  Result<void> bring_in(const git::PlanWorktree& tree) const;
  // Makes the tree anew, at `commit`.
  Result<void> make(git::Session& session, const git::PlanWorktree& tree, const git_oid& commit);
  // Brings a branch without work of its own, and its files, up to the integration branch, unless
  // the files hold something.
  Result<git_oid> move_up(git::Session& session, const git::PlanWorktree& tree,
                          ports::PlanNumber plan, const git_oid& from, const git_oid& to);
  // Makes the trees of the phase that are overlays plain, and removes what these lay over.
  Result<void> settle_overlays(const git::Session& session);
  void remove_empty_places(const git::Session& session);

  // What an attempt left: its tip, and its files as a tree.
  struct Left {
    git::AttemptTip tip;
    git_oid head{};
    git_oid tree{};
    git_oid tip_tree{};
  };
  Result<Left> look_at(const git::Session& session, const git::PlanWorktree& tree,
                       const ports::Workspace& workspace) const;
  // The commit that holds all of it: the tip itself when no file differs.
  static Result<git_oid> commit(const git::Session& session, const Left& left,
                                const std::string& message);
  // The same in the place of the engine's own commit at the head, which a reference of that name
  // keeps; above it when the attempt has committed onto it.
  Result<git_oid> replace(const git::Session& session, const Left& left,
                          const ports::CommitText& text) const;

  // Whatever was committed and is not reached from `id` gets a reference of its own.
  Result<void> keep_all_beyond(const git::Session& session, const git::PlanWorktree& tree,
                               ports::PlanNumber plan, const git_oid& id);
  // Puts HEAD back on the plan's branch, and the commits of wherever it was onto that branch.
  Result<void> take_over(const git::Session& session, const git::PlanWorktree& tree,
                         const ports::Workspace& workspace);

  // See ports::Workspaces. The folder of the plan's branch stays from here on, until it is let go
  // of.
  Result<std::vector<std::filesystem::path>> commit_places(const git::Session& session,
                                                           const ports::Workspace& workspace) const;
  void let_go_of_branch_folder(const git::Session& session, ports::PlanNumber plan) const;

  git::DeliveryRules delivery_rules() const {
    return {options.auto_commit, options.signs, options.runs_hooks, options.run};
  }

  // Whether each plan keeps a branch of its own, based on what it depends on.
  bool is_stacked() const { return options.branching_strategy == "plan"; }
  // The commit at which a plan's tree begins.
  Result<git_oid> start_of(const git::Session& session, ports::PlanNumber plan) const;

  const WorkspacesOptions options;
  git::PlanDependencies dependencies;  // Set before anything else is done.
  git::PhaseBranches branches;
  git::GuardStore guards;
  git::WorktreePool pool;
  mutable git::KnownTrees known;

 private:
  // What overlays are laid over, made when the first one is.
  Result<git::OverlayBase> base_of_overlays(const git::Session& session, const git_oid& commit);
  Result<void> make_over_base(const git::Session& session, const git::PlanWorktree& tree,
                              const git_oid& commit);
  void give_up_overlays(const Error& why);
  Result<void> make_directories(const git::PlanWorktree& tree);

  git::OpenRepositories repositories_;
  std::mutex base_lock_;
  std::optional<git::OverlayBase> base_;
  std::atomic<bool> is_overlay_given_up_ = false;
  std::mutex copies_lock_;
  std::set<ports::PlanNumber> copies_;  // Whose copies are in hand.
  std::mutex places_;                   // Held while shared parent directories are made or removed.
  std::mutex layout_lock_;
  std::optional<git::Layout> layout_;
};

}  // namespace konductor::platform
