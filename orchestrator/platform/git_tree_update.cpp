// SPDX-License-Identifier: MIT
#include "platform/git_tree_update.hpp"

#include <optional>

#include "base/text.hpp"

namespace konductor::platform::git {

namespace {

// What becomes of one name in a directory.
struct NameChange {
  const TreeChange* itself = nullptr;
  ChangeSet below;
};

std::map<std::string, NameChange> by_first_name(const ChangeSet& changes) {
  std::map<std::string, NameChange> names;
  for (const auto& [path, change] : changes) {
    const std::size_t slash = path.find('/');
    NameChange& name = names[path.substr(0, slash)];
    if (slash == std::string::npos)
      name.itself = &change;
    else
      name.below.emplace(path.substr(slash + 1), change);
  }
  return names;
}

bool only_removes(const ChangeSet& changes) {
  for (const auto& [path, change] : changes)
    if (!change.is_removed()) return false;
  return true;
}

Result<void> update_below(git_repository* repository, const git_tree* present,
                          const ChangeSet& changes, TreeBuilder& updated);

// What stands under a name afterwards; nothing when it is gone.
Result<std::optional<TreeChange>> update_name(git_repository* repository,
                                              const git_tree_entry* present,
                                              const NameChange& change) {
  std::optional<TreeChange> none;
  if (change.itself != nullptr && !change.itself->is_removed()) {
    if (!only_removes(change.below))
      return Error{ErrorCode::conflict, "a file would have to be a directory too"};
    return std::optional<TreeChange>(*change.itself);
  }
  if (change.below.empty()) return none;
  const bool is_tree = present != nullptr && git_tree_entry_type(present) == GIT_OBJECT_TREE;
  // Nothing below a file or a link can be removed; it stays what it is.
  if (!is_tree && change.itself == nullptr && present != nullptr && only_removes(change.below))
    return std::optional<TreeChange>(
        TreeChange{*git_tree_entry_id(present), git_tree_entry_filemode_raw(present)});
  Tree below;
  if (is_tree && change.itself == nullptr) {
    KON_TRY(below, find_tree(repository, *git_tree_entry_id(present)));
  }
  TreeBuilder updated;
  KON_TRY_VOID(update_below(repository, below.get(), change.below, updated));
  if (git_treebuilder_entrycount(updated.get()) == 0) return none;
  TreeChange written{{}, GIT_FILEMODE_TREE};
  KON_TRY_VOID(check(git_treebuilder_write(&written.id, updated.get()), "cannot write a tree"));
  return std::optional<TreeChange>(written);
}

Result<void> update_below(git_repository* repository, const git_tree* present,
                          const ChangeSet& changes, TreeBuilder& updated) {
  KON_TRY_VOID(
      check(git_treebuilder_new(receive(updated), repository, present), "cannot write a tree"));
  for (const auto& [name, change] : by_first_name(changes)) {
    const git_tree_entry* const entry = git_treebuilder_get(updated.get(), name.c_str());
    KON_TRY(const std::optional<TreeChange> wanted, update_name(repository, entry, change));
    int code = 0;
    if (wanted)
      code =
          git_treebuilder_insert(nullptr, updated.get(), name.c_str(), &wanted->id, wanted->mode);
    else if (entry != nullptr)
      code = git_treebuilder_remove(updated.get(), name.c_str());
    KON_TRY_VOID(check(code, "cannot change " + quote(name) + " in a tree"));
  }
  return {};
}

}  // namespace

Result<git_oid> update_tree(git_repository* repository, const git_oid& tree,
                            const ChangeSet& changes) {
  KON_TRY(const Tree present, find_tree(repository, tree));
  TreeBuilder updated;
  KON_TRY_VOID(update_below(repository, present.get(), changes, updated));
  git_oid written{};
  KON_TRY_VOID(check(git_treebuilder_write(&written, updated.get()), "cannot write a tree"));
  return written;
}

}  // namespace konductor::platform::git
