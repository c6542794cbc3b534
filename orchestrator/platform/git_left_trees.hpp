// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cleanup.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_worktree.hpp"

namespace konductor::platform::git {

// The work trees that runs have left beside a user's checkout. The phases whose trees are removed
// have to be locked.
class LeftTrees {
 public:
  LeftTrees(const Layout& layout, const std::filesystem::path& parent, git_repository* repository)
      : layout_(layout), parent_(parent), repository_(repository) {}

  // Adds those of a phase. Only when the phase is locked they are looked into; else they count as
  // changed.
  void find(const std::string& phase, bool is_locked, std::vector<engine::Leftover>& found) const;
  // Work that no commit holds is kept first, under a reference of `run`, whose name is returned (""
  // when there was none).
  Result<std::string> remove(const engine::Leftover& leftover, const std::string& run) const;
  // What killed programs had half removed. Pooled trees lie there too, and stay.
  Result<void> remove_trash(const std::string& phase) const;

 private:
  PlanWorktree tree(const std::string& phase, int plan) const;
  // The plan's, or its copy if it has the name of one.
  PlanWorktree tree(const PhaseNames& names, const std::string& name, int plan) const;
  std::map<std::string, int> names_of_plans(const PhaseNames& names) const;
  bool has_changes(const PlanWorktree& tree, const std::string& branch) const;
  void find_plans(const std::string& phase, bool is_locked,
                  std::vector<engine::Leftover>& found) const;
  Result<std::string> remove_plan(const engine::Leftover& leftover, const std::string& run) const;
  Result<std::string> remove_copy(const engine::Leftover& leftover, const std::string& run) const;

  PlanWorktree pooled(const std::string& name) const;
  std::filesystem::path pooled_admin(const std::string& name) const;
  std::set<std::string> names_of_pool(const PhaseNames& names) const;
  bool has_detached_changes(const PlanWorktree& tree) const;
  Result<std::string> keep_detached(const PlanWorktree& tree, const std::string& reference) const;
  void find_pooled(const std::string& phase, bool is_locked,
                   std::vector<engine::Leftover>& found) const;
  Result<std::string> remove_pooled(const std::string& name, const std::string& run,
                                    bool is_kept) const;

  const Layout& layout_;
  const std::filesystem::path& parent_;
  git_repository* repository_;
};

}  // namespace konductor::platform::git
