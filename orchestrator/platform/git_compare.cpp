// SPDX-License-Identifier: MIT
#include "platform/git_compare.hpp"

namespace konductor::platform::git {

git_diff_options tree_comparison() {
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK;
  return options;
}

Result<Diff> compare_trees(git_repository* repository, const git_oid& from, const git_oid& to,
                           const git_diff_options& options) {
  KON_TRY(const Tree old_tree, find_tree(repository, from));
  KON_TRY(const Tree new_tree, find_tree(repository, to));
  Diff diff;
  KON_TRY_VOID(check(
      git_diff_tree_to_tree(receive(diff), repository, old_tree.get(), new_tree.get(), &options),
      "cannot compare two trees"));
  return diff;
}

Result<Diff> compare_commits(git_repository* repository, const git_oid& from, const git_oid& to,
                             const git_diff_options& options) {
  KON_TRY(const git_oid old_tree, tree_id_of(repository, from));
  KON_TRY(const git_oid new_tree, tree_id_of(repository, to));
  return compare_trees(repository, old_tree, new_tree, options);
}

}  // namespace konductor::platform::git
