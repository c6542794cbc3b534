// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/git_guard.hpp"
#include "platform/git_layout.hpp"

namespace konductor::platform::git {

// Error where branches of the phase's plans are that an earlier version made: these had no folder
// to themselves, and stand where these are now. The message says how to move them.
Result<void> check_branch_places(git_repository* repository, const PhaseNames& names);

// The branches of one phase: the integration branch, the plans' own, and what is remembered of the
// user's. Every reference that the engine moves is moved here, so that a guard can tell the
// engine's moves from an attempt's. May be used from any thread.
class PhaseBranches {
 public:
  PhaseBranches(std::string_view phase, std::string_view run);

  const PhaseNames& names() const { return names_; }

  // Makes the integration branch from the user's HEAD when it is missing, and brings it forward
  // when it holds nothing that the user's branch does not.
  Result<void> prepare(git_repository* repository);

  Result<git_oid> integration(git_repository* repository) const;
  Result<git_oid> base(git_repository* repository) const;

  // Where the plan's branch is; it is made at `start` when it is missing. From now on until close()
  // an attempt may be moving it.
  Result<git_oid> open(git_repository* repository, ports::PlanNumber plan, const git_oid& start);
  Result<void> close(git_repository* repository, ports::PlanNumber plan);

  Result<void> set(git_repository* repository, const std::string& name, const git_oid& id,
                   const std::string& why, const git_oid* expected = nullptr);

  // Keeps a commit that would be out of reach otherwise, unless this run keeps it already. Returns
  // the reference that reaches it.
  Result<std::string> keep(git_repository* repository, ports::PlanNumber plan, const git_oid& id);
  std::string kept_prefix(ports::PlanNumber plan) const;

  Result<ports::MergeResult> merge(git_repository* repository, const Layout& layout,
                                   ports::PlanNumber plan, const ports::CommitText& text);

  // Trial merges of the plan's branch with those that an attempt may be moving, and with the
  // integration branch.
  Result<std::vector<ports::PredictedConflict>> predict(git_repository* repository,
                                                        const Layout& layout,
                                                        ports::PlanNumber plan) const;

  // Whether only a look tells where a reference has to be: of its own the engine knows it.
  bool is_watched(const std::string& name) const;
  // put_refs_back for an attempt of `plan`.
  Result<void> put_back(git_repository* repository, const Guarded& before, ports::PlanNumber plan,
                        std::vector<std::string>& lines);

 private:
  Result<void> start(git_repository* repository, const git_oid& head);
  Result<void> catch_up(git_repository* repository, const git_oid& integration,
                        const git_oid& head);
  Result<bool> has_plan_work(git_repository* repository, const git_oid& integration) const;
  Result<git_oid> merged(git_repository* repository, const git_oid& ours, const git_oid& theirs,
                         const ports::CommitText& text, std::vector<std::string>& conflicts) const;
  std::optional<std::string> expected(const std::string& name, const std::string& before) const;

  PhaseNames names_;
  std::string run_;
  std::mutex merges_;  // One merge at a time.
  // Held while a watched reference is moved or put back; protects what follows.
  mutable std::mutex references_;
  std::map<std::string, std::string> own_moves_;   // Where the engine left a reference, hex.
  std::map<std::string, ports::PlanNumber> live_;  // Branches that an attempt may be moving.
};

}  // namespace konductor::platform::git
