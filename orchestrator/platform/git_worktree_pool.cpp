// SPDX-License-Identifier: MIT
#include "platform/git_worktree_pool.hpp"

#include "platform/git_files.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

Result<void> WorktreePool::give(const Layout& layout, const PhaseNames& names,
                                const PlanWorktree& tree, const git_oid& head) {
  // A new overlay costs less than putting one back.
  if (tree.state() != PlanWorktree::State::ready || tree.is_overlay()) return tree.remove();
  int number = 0;
  {
    const std::lock_guard lock(lock_);
    number = ++count_;
  }
  const std::string name = names.pool + std::to_string(number);
  PlanWorktree pooled(layout, trash_place(tree.directory(), name), name);
  pooled.share_with(tree);
  Result<void> moved = tree.detach(head);
  if (moved) moved = tree.move_to(pooled);
  if (!moved) {
    KON_TRY_VOID(pooled.remove());
    return tree.remove();
  }
  const std::lock_guard lock(lock_);
  idle_.push_back(pooled);
  return {};
}

Result<bool> WorktreePool::take(git_repository* repository, const PlanWorktree& tree,
                                const git_oid& commit) {
  while (true) {
    std::vector<PlanWorktree> taken;
    {
      const std::lock_guard lock(lock_);
      if (idle_.empty()) return false;
      taken.push_back(std::move(idle_.back()));
      idle_.pop_back();
    }
    const PlanWorktree& pooled = taken.front();
    Result<void> made = pooled.move_to(tree);
    if (made) made = tree.refill(repository, commit);
    if (made) return true;
    // Whatever is wrong with it, a new one will do.
    KON_TRY_VOID(pooled.remove());
    KON_TRY_VOID(tree.remove());
  }
}

Result<void> WorktreePool::drain() {
  std::vector<PlanWorktree> all;
  {
    const std::lock_guard lock(lock_);
    all.swap(idle_);
  }
  for (const PlanWorktree& pooled : all)
    KON_TRY_VOID(pooled.remove());
  return {};
}

Result<void> WorktreePool::remove_leftovers(const Layout& layout, const PhaseNames& names) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(layout.common_directory / "worktrees", error), end;
       !error && it != end; it.increment(error))
    if (names.is_pooled(it->path().filename().native())) found.push_back(it->path());
  for (const fs::path& admin : found)
    KON_TRY_VOID(remove_path(admin));
  return {};
}

}  // namespace konductor::platform::git
