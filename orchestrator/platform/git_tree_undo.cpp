// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/text.hpp"
#include "platform/git_change_set.hpp"
#include "platform/git_files.hpp"
#include "platform/git_tree.hpp"

namespace konductor::platform::git {

using ports::ChangeKind;
using ports::FileChange;

Result<void> WorkTree::restore(const git_oid& tree) {
  compare_with(tree);
  KON_TRY(const std::optional<Paths> within, find_suspects());
  if (within && within->empty()) return {};
  KON_TRY(std::vector<FileChange> changes, scan(within));
  const auto others =
      std::stable_partition(changes.begin(), changes.end(),
                            [](const FileChange& change) { return decides_ignoring(change.path); });
  const bool are_rules_restored = others != changes.begin();
  const std::vector<FileChange> rules(changes.begin(), others);
  if (are_rules_restored) {
    // What is ignored must be judged by the rules of the tree that comes back: an ignored file
    // stays even if the attempt dropped its rule.
    changes.erase(others, changes.end());
    KON_TRY_VOID(undo(changes));
    git_attr_cache_flush(repository());
    KON_TRY(changes, scan(within));
  }
  KON_TRY_VOID(undo(changes));
  keep_seen();
  KON_TRY_VOID(tell_index(rules));
  KON_TRY_VOID(tell_index(changes));
  KON_TRY_VOID(write_index());
  if (options_.known == nullptr) return {};
  // Directories that were ignored until now are not watched.
  if (are_rules_restored)
    options_.known->forget();
  else
    options_.known->set_tree(tree, {});
  return {};
}

// The index of everything has the entries that these files are put back to, but not their times.
Result<void> WorkTree::tell_index(const std::vector<FileChange>& changes) {
  if (in_use_ == index_.get() && index_.get() != nullptr) return {};
  const std::size_t before = unseen_.size();
  for (const FileChange& change : changes)
    if (change.kind != ChangeKind::added) unseen_.push_back(change.path);
  if (unseen_.size() == before) return {};
  KON_TRY_VOID(index());
  is_index_changed_ = true;
  return {};
}

Result<void> WorkTree::change(const git_oid& from, const git_oid& to) {
  compare_with(to);
  KON_TRY(const ChangeSet differing, tree_changes(repository(), from, to));
  Paths within;
  std::vector<FileChange> changes;
  for (const auto& [path, change] : differing) {
    within.push_back(path);
    // Seen from the wanted tree: what it lacks was added since.
    changes.push_back(
        FileChange{change.is_removed() ? ChangeKind::added : ChangeKind::modified, path});
  }
  KON_TRY_VOID(choose_index(within));
  KON_TRY_VOID(undo(changes));
  KON_TRY_VOID(write_index());
  know_all(to);
  keep_seen();
  return {};
}

// What differs becomes what it is in the compared tree, as the index in use has it.
Result<void> WorkTree::undo(const std::vector<FileChange>& changes) {
  Paths paths;
  for (const FileChange& change : changes) {
    // First out of the way: a checkout writes through a link, and takes a file for the one that was
    // there when its times are the same.
    KON_TRY_VOID(remove_path(options_.top / shortest_that_is_no_directory(change.path)));
    if (change.kind == ChangeKind::added)
      remove_empty_directories((options_.top / change.path).parent_path(), options_.top);
    else
      paths.push_back(change.path);
  }
  if (paths.empty()) return {};
  return check_out(paths);
}

// The path, or what of it is a link or a file: what is behind that is not of this tree.
std::filesystem::path WorkTree::shortest_that_is_no_directory(
    const std::filesystem::path& path) const {
  std::error_code error;
  std::filesystem::path found;
  for (const std::filesystem::path& name : path) {
    found /= name;
    const auto status = std::filesystem::symlink_status(options_.top / found, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(status)) return found;
  }
  return path;
}

Result<void> WorkTree::fill(const git_oid& tree) {
  compare_with(tree);
  KON_TRY_VOID(index());
  KON_TRY_VOID(check_out({}));
  KON_TRY_VOID(write_index());
  know_all(tree);
  return {};
}

// The files are those of the tree, and nobody else has been here yet.
void WorkTree::know_all(const git_oid& tree) {
  if (options_.known == nullptr) return;
  options_.known->forget();
  options_.known->suspects(skips());
  options_.known->set_tree(tree, {});
  options_.known->set_pure();
}

// All files of the index in use when no paths are named.
Result<void> WorkTree::check_out(const std::vector<std::string>& paths) {
  KON_TRY(const Tree baseline, find_tree(repository(), *compared_));
  std::vector<char*> pointers;
  for (const std::string& path : paths)
    pointers.push_back(const_cast<char*>(path.c_str()));  // libgit2 only reads them.
  git_checkout_options options = made_by(git_checkout_options_init);
  options.checkout_strategy = GIT_CHECKOUT_FORCE | GIT_CHECKOUT_RECREATE_MISSING |
                              GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH | GIT_CHECKOUT_DONT_WRITE_INDEX;
  options.paths.strings = pointers.data();
  options.paths.count = pointers.size();
  options.baseline = baseline.get();
  is_index_changed_ = is_index_changed_ || in_use_ == index_.get();
  return check(git_checkout_index(repository(), in_use_, &options),
               "cannot write files in " + quote(options_.top.native()));
}

}  // namespace konductor::platform::git
