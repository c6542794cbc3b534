// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "platform/git_layout.hpp"
#include "platform/git_worktree.hpp"

namespace konductor::platform::git {

// Trees that a plan has left, kept for plans to come: in a large repository writing the files of a
// fresh one costs many times what putting back a used one does. A pooled tree lies among the trash,
// so that a crash leaves nothing that the next run would not remove. May be used from any thread.
class WorktreePool {
 public:
  WorktreePool() = default;
  WorktreePool(const WorktreePool&) = delete;
  WorktreePool& operator=(const WorktreePool&) = delete;

  // Takes a tree from its plan, whose branch is at `head` and stays there. One that cannot be kept
  // is removed.
  Result<void> give(const Layout& layout, const PhaseNames& names, const PlanWorktree& tree,
                    const git_oid& head);

  // Makes `tree`, which is missing and whose parent exists, of a pooled one, its files those of
  // `commit` and nothing else. False when there is none that it can be made of.
  Result<bool> take(git_repository* repository, const PlanWorktree& tree, const git_oid& commit);

  // Removes them all.
  Result<void> drain();

  // What a crash left of a pool, besides the trash.
  static Result<void> remove_leftovers(const Layout& layout, const PhaseNames& names);

 private:
  std::mutex lock_;
  std::vector<PlanWorktree> idle_;
  int count_ = 0;
};

}  // namespace konductor::platform::git
