// SPDX-License-Identifier: MIT
#include "platform/git_overlays.hpp"

#include <set>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_places.hpp"
#include "platform/git_worktree.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;

Result<void> enter_overlays(const WorkspacesOptions& options) {
  KON_TRY(const git::Layout layout, git::find_layout(options.root));
  const fs::path parent = git::worktree_parent(layout, options.worktree_dir);
  fs::path there = parent;
  std::error_code error;
  while (!fs::exists(there, error) && there.has_relative_path())
    there = there.parent_path();
  // Removed by a later run of the phase if a kill leaves it.
  const std::string name = git::PhaseNames(options.phase).phase + "-overlay-trial";
  const Result<void> tried = try_overlay(git::trash_place(parent / name, name));
  git::remove_empty_directories(parent, there);
  KON_TRY_VOID(tried);
  return enter_mount_namespace();
}

}  // namespace konductor::platform

namespace konductor::platform::git {

namespace fs = std::filesystem;

Result<void> fill_base(const OverlayBase& base, const Layout& layout, git_repository* repository) {
  KON_TRY(const git_oid tree, tree_id_of(repository, base.commit));
  std::error_code error;
  fs::create_directories(base.files(), error);
  if (error) return error_from_errno(error.value(), "cannot make " + quote(base.files().native()));
  KON_TRY(WorkTree files, WorkTree::open({layout.common_directory, base.files(), base.index_file(),
                                          layout.project_folder(), ""}));
  return files.fill(tree);
}

Result<void> settle_overlays(const Layout& layout, const fs::path& parent,
                             const PhaseNames& names) {
  // Known to the repository, or lying where they are made.
  std::set<std::string> trees = find_overlays(parent, names.phase);
  std::error_code error;
  for (fs::directory_iterator it(layout.common_directory / "worktrees", error), end;
       !error && it != end; it.increment(error))
    if (is_tree_name(it->path().filename().native(), names.phase))
      trees.insert(it->path().filename());
  std::set<fs::path> parents = {parent};
  Result<void> first;
  for (const std::string& name : trees) {
    const PlanWorktree tree(layout, parent, name, "");
    if (tree.is_overlay()) parents.insert(tree.directory().parent_path());
    const Result<void> settled = tree.materialise();
    if (first && !settled) first = settled;
  }
  for (const fs::path& place : parents) {
    const Result<void> removed = remove_overlay_leftovers(place, names.phase);
    if (first && !removed) first = removed;
  }
  return first;
}

}  // namespace konductor::platform::git
