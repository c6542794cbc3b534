// SPDX-License-Identifier: MIT
#include "platform/git_change_set.hpp"

#include <vector>

#include "platform/git_compare.hpp"
#include "platform/git_tree_update.hpp"

namespace konductor::platform::git {

namespace {

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
  KON_TRY(const git_oid old_tree, tree_id_of(repository, from));
  KON_TRY(const git_oid new_tree, tree_id_of(repository, to));
  return tree_changes(repository, old_tree, new_tree);
}

Result<ChangeSet> tree_changes(git_repository* repository, const git_oid& from, const git_oid& to) {
  KON_TRY(const Diff diff, compare_trees(repository, from, to));
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
  KON_TRY(const git_oid our_tree, tree_id_of(repository, ours));
  const Result<git_oid> tree = update_tree(repository, our_tree, their_changes);
  return tree ? std::optional<git_oid>(tree.value()) : none;
}

}  // namespace konductor::platform::git
