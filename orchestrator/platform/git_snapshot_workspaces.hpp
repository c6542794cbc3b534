// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/git_workspaces.hpp"

namespace konductor::platform {

// The private repository of a project that is worked on in place.
std::filesystem::path snapshot_store(const std::filesystem::path& root);

// Whether an engine that was killed left an attempt of this plan's half done in the folder.
bool is_attempt_cut_short(const std::filesystem::path& root, const std::string& phase,
                          ports::PlanNumber plan);

// The project's own folder as the only tree: plans must not overlap in time. A private repository
// in `.konductor` keeps copies of the files that are not ignored, which gives the same differences,
// resets and kept work as GitWorkspaces; no repository of the user's is written to.
class GitSnapshotWorkspaces final : public ports::Workspaces {
 public:
  explicit GitSnapshotWorkspaces(WorkspacesOptions options);
  ~GitSnapshotWorkspaces() override;

  std::string_view isolation() const override { return "none"; }
  Result<void> prepare() override;
  // What the folder holds is where a plan begins, edits made by hand between runs included; but
  // after an attempt was cut short, the head is where that attempt began.
  using ports::Workspaces::open;
  Result<ports::Workspace> open(ports::PlanNumber plan, ports::TreeUse use) override;
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
  // Of the repository around the project, when there is one.
  Result<ports::GuardState> guard(const ports::Workspace& workspace) override;
  Result<std::vector<std::string>> restore_guarded(const ports::Workspace& workspace,
                                                   const ports::GuardState& before) override;
  Result<ports::MergeResult> merge(ports::PlanNumber plan, const ports::CommitText& text) override;
  Result<std::string> write_conflict(ports::PlanNumber plan, const ports::ConflictLabels& labels,
                                     const ports::CommitText& text) override;
  Result<bool> is_made_from(const std::string& commit, const std::string& start) override;
  Result<std::vector<ports::PredictedConflict>> predict_conflicts(ports::PlanNumber plan) override;
  Result<std::string> phase_base() override;
  Result<std::string> integration_head() override;
  Result<ports::Delivery> deliver() override;
  // Plans share the one folder, whatever they depend on.
  void set_dependencies(
      const std::map<ports::PlanNumber, std::vector<ports::PlanNumber>>&) override {}
  // Nobody commits there.
  Result<std::vector<std::filesystem::path>> commit_places(const ports::Workspace&) override {
    return std::vector<std::filesystem::path>();
  }
  // Nothing is brought home: it is there.
  Result<std::string> abandon_delivery() override { return std::string(); }
  Result<void> close(ports::PlanNumber plan) override;
  Result<void> release() override;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace konductor::platform
