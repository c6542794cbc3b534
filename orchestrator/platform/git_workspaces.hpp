// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ports/workspaces.hpp"

namespace konductor::platform {

struct WorkspacesOptions {
  std::filesystem::path root;               // The folder that holds `.konductor`.
  std::string phase = "01";                 // As in branch names.
  std::string run;                          // For the names of references that keep work.
  std::filesystem::path worktree_dir;       // Relative to the root; empty: `.konductor/worktrees`.
  std::string branching_strategy = "none";  // Or "feature", "plan": the user's branch is never
                                            // moved.
  bool auto_commit = true;  // false: the result becomes changes in the user's working tree.
  bool signs = false;       // The user's branch advances by a merge commit that is signed, or
  bool runs_hooks = false;  // that went through the user's hooks.
  bool overlay = false;     // New trees are overlays: enter_overlays() said that this works.
  // Told once, by any thread, why that did not work after all. May be empty.
  std::function<void(const std::string&)> tell_no_overlay = {};
};

// A work tree and a branch for each plan, in the user's own repository. The user's checkout is not
// touched before deliver(). Every call has an opened repository to itself, so calls may come from
// any thread; only moves of shared references exclude each other.
class GitWorkspaces final : public ports::Workspaces {
 public:
  explicit GitWorkspaces(WorkspacesOptions options);
  ~GitWorkspaces() override;

  std::string_view isolation() const override { return "worktree"; }
  Result<void> prepare() override;
  void set_dependencies(
      const std::map<ports::PlanNumber, std::vector<ports::PlanNumber>>& dependencies) override;
  using ports::Workspaces::open;
  Result<ports::Workspace> open(ports::PlanNumber plan, ports::TreeUse use) override;
  bool has_copies() const override { return true; }
  Result<ports::Workspace> open_copy(ports::PlanNumber plan, const std::string& commit,
                                     ports::TreeUse use) override;
  Result<std::string> snapshot(const ports::Workspace& workspace,
                               const ports::CommitText& text) override;
  Result<std::vector<ports::FileChange>> changes(const std::string& from,
                                                 const std::string& to) override;
  using ports::Workspaces::patch;
  Result<std::string> patch(const std::string& from, const std::string& to, std::size_t bytes_max,
                            const std::vector<std::string>& paths) override;
  Result<std::string> file_at(const std::string& commit, const std::string& path) override;
  Result<std::vector<ports::FileChange>> dirt(const ports::Workspace& workspace,
                                              const std::string& commit) override;
  Result<void> show(const ports::Workspace& workspace, const std::string& commit) override;
  Result<bool> is_at(const ports::Workspace& workspace, const std::string& commit) override;
  Result<void> reset(const ports::Workspace& workspace, const std::string& commit) override;
  Result<std::string> save_aside(const ports::Workspace& workspace, std::string_view run,
                                 std::string_view name) override;
  Result<std::vector<std::filesystem::path>> commit_places(
      const ports::Workspace& workspace) override;
  Result<ports::GuardState> guard(const ports::Workspace& workspace) override;
  Result<std::vector<std::string>> restore_guarded(const ports::Workspace& workspace,
                                                   const ports::GuardState& before) override;
  Result<ports::MergeResult> merge(ports::PlanNumber plan, const ports::CommitText& text) override;
  Result<std::string> write_conflict(ports::PlanNumber plan, const ports::ConflictLabels& labels,
                                     const ports::CommitText& text) override;
  Result<bool> has_commit(const std::string& commit) override;
  Result<bool> is_made_from(const std::string& commit, const std::string& start) override;
  Result<std::vector<ports::PredictedConflict>> predict_conflicts(ports::PlanNumber plan) override;
  Result<std::string> phase_base() override;
  Result<std::string> integration_head() override;
  Result<ports::Delivery> deliver() override;
  Result<std::string> abandon_delivery() override;
  Result<void> close(ports::PlanNumber plan) override;
  Result<void> release() override;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace konductor::platform
