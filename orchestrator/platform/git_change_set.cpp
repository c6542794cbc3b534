// SPDX-License-Identifier: MIT
#include "platform/git_change_set.hpp"

#include <vector>

namespace konductor::platform::git {

namespace {

bool is_removed(const TreeChange& change) {
  return change.mode == GIT_FILEMODE_UNREADABLE;
}

bool holds_at_or_below(const ChangeSet& changes, const std::string& path) {
  const auto found = changes.lower_bound(path);
  if (found == changes.end()) return false;
  if (found->first == path) return true;
  const auto below = changes.lower_bound(path + "/");
  return below != changes.end() && below->first.compare(0, path.size() + 1, path + "/") == 0;
}

// A file that takes the place of a directory, or the other way round.
bool changes_kind_of_place(const ChangeSet& changes) {
  for (const auto& [path, change] : changes) {
    const auto below = changes.lower_bound(path + "/");
    if (below != changes.end() && below->first.compare(0, path.size() + 1, path + "/") == 0)
      return true;
  }
  return false;
}

}  // namespace

Result<ChangeSet> change_set(git_repository* repository, const git_oid& from, const git_oid& to) {
  KON_TRY(const git_oid old_id, tree_id_of(repository, from));
  KON_TRY(const git_oid new_id, tree_id_of(repository, to));
  KON_TRY(const Tree old_tree, find_tree(repository, old_id));
  KON_TRY(const Tree new_tree, find_tree(repository, new_id));
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK;
  Diff diff;
  KON_TRY_VOID(check(
      git_diff_tree_to_tree(receive(diff), repository, old_tree.get(), new_tree.get(), &options),
      "cannot compare two commits"));
  ChangeSet changes;
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), n);
    TreeChange change;
    if (delta->status != GIT_DELTA_DELETED)
      change = {delta->new_file.id, static_cast<git_filemode_t>(delta->new_file.mode)};
    changes[delta->new_file.path] = change;
  }
  return changes;
}

bool are_disjoint(const ChangeSet& one, const ChangeSet& other) {
  for (const auto& [path, change] : one)
    if (holds_at_or_below(other, path)) return false;
  for (const auto& [path, change] : other)
    if (holds_at_or_below(one, path)) return false;
  return true;
}

Result<std::optional<git_oid>> merge_disjoint(git_repository* repository, const git_oid& base,
                                              const git_oid& ours, const git_oid& theirs) {
  KON_TRY(const ChangeSet our_changes, change_set(repository, base, ours));
  KON_TRY(const ChangeSet their_changes, change_set(repository, base, theirs));
  std::optional<git_oid> none;
  if (!are_disjoint(our_changes, their_changes) || changes_kind_of_place(our_changes) ||
      changes_kind_of_place(their_changes))
    return none;
  std::vector<git_tree_update> updates;
  for (const auto& [path, change] : their_changes)
    updates.push_back({is_removed(change) ? GIT_TREE_UPDATE_REMOVE : GIT_TREE_UPDATE_UPSERT,
                       change.id, change.mode, path.c_str()});
  KON_TRY(const git_oid our_tree_id, tree_id_of(repository, ours));
  KON_TRY(const Tree our_tree, find_tree(repository, our_tree_id));
  git_oid tree{};
  // It refuses some changes of kind, such as a file that becomes a submodule.
  if (git_tree_create_updated(&tree, repository, our_tree.get(), updates.size(), updates.data()) <
      0) {
    git_error_clear();
    return none;
  }
  return std::optional<git_oid>(tree);
}

}  // namespace konductor::platform::git
