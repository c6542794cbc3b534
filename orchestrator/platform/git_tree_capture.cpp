// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "platform/git_tree.hpp"
#include "platform/git_tree_update.hpp"

namespace konductor::platform::git {

using ports::ChangeKind;
using ports::FileChange;

namespace {

Result<void> add_to_index(git_index* edited, const std::vector<FileChange>& changes) {
  // What is gone goes first: a new file may stand where its directory was.
  for (const FileChange& change : changes)
    if (change.kind == ChangeKind::deleted)
      KON_TRY_VOID(check(git_index_remove(edited, change.path.c_str(), 0),
                         "cannot record that " + quote(change.path) + " is gone"));
  for (const FileChange& change : changes)
    if (change.kind != ChangeKind::deleted)
      KON_TRY_VOID(check(git_index_add_bypath(edited, change.path.c_str()),
                         "cannot record the file " + quote(change.path)));
  return {};
}

// What an index says of these paths.
ChangeSet recorded(git_index* index, const std::vector<FileChange>& changes) {
  ChangeSet found;
  for (const FileChange& change : changes) {
    const git_index_entry* const entry = git_index_get_bypath(index, change.path.c_str(), 0);
    TreeChange& recorded = found[change.path];
    if (entry != nullptr) recorded = {entry->id, static_cast<git_filemode_t>(entry->mode)};
  }
  return found;
}

Result<TreeChange> stored_at(git_repository* repository, const git_oid& tree,
                             const std::string& path) {
  KON_TRY(const Tree found, find_tree(repository, tree));
  TreeEntry entry;
  const int code = git_tree_entry_bypath(receive(entry), found.get(), path.c_str());
  if (code == GIT_ENOTFOUND) return TreeChange();
  KON_TRY_VOID(check(code, "cannot look into a tree"));
  return TreeChange{*git_tree_entry_id(entry.get()), git_tree_entry_filemode_raw(entry.get())};
}

}  // namespace

Result<git_oid> WorkTree::capture(const git_oid& kept) {
  KON_TRY(const std::optional<Paths> within, find_suspects());
  if (within && within->empty() && compared_ && *compared_ == kept) return kept;
  KON_TRY(std::vector<FileChange> changes, scan(within));
  const auto left_out =
      std::stable_partition(changes.begin(), changes.end(),
                            [this](const FileChange& change) { return !is_excluded(change.path); });
  std::set<std::string> differing;
  for (auto change = left_out; change != changes.end(); ++change)
    differing.insert(change->path);
  changes.erase(left_out, changes.end());
  KON_TRY(const git_oid written, write_changes(within, changes));
  KON_TRY(const git_oid tree, keep_excluded(written, kept));
  if (options_.known != nullptr && tree == written)
    options_.known->set_tree(tree, std::move(differing));
  else if (options_.known != nullptr)
    options_.known->forget();
  compare_with(tree);
  return tree;
}

// The tree with these changes, which a look at `within` has just found.
Result<git_oid> WorkTree::write_changes(const std::optional<Paths>& within,
                                        const std::vector<FileChange>& changes) {
  if (within && changes.empty()) return compared_ ? *compared_ : *options_.known->tree();
  KON_TRY_VOID(add_to_index(in_use_, changes));
  if (in_use_ != index_.get()) {
    const ChangeSet found = recorded(in_use_, changes);
    keep_seen();
    return update_tree(repository(), *compared_, found);
  }
  is_index_changed_ = is_index_changed_ || !changes.empty();
  KON_TRY(held_, write_index_tree());
  KON_TRY_VOID(write_index());
  return *held_;
}

Result<git_oid> WorkTree::keep_excluded(const git_oid& tree, const git_oid& kept) {
  KON_TRY(const TreeChange present, stored_at(repository(), tree, options_.excluded));
  KON_TRY(const TreeChange wanted, stored_at(repository(), kept, options_.excluded));
  if (present.mode == wanted.mode && present.id == wanted.id) return tree;
  return update_tree(repository(), tree, {{options_.excluded, wanted}});
}

}  // namespace konductor::platform::git
