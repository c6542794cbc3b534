// SPDX-License-Identifier: MIT
#include <git2/sys/repository.h>

#include "base/text.hpp"
#include "platform/git_change_set.hpp"
#include "platform/git_files.hpp"
#include "platform/git_partial_index.hpp"
#include "platform/git_tree.hpp"

namespace konductor::platform::git {

namespace {

// With more, reading the whole tree costs no more.
constexpr std::size_t kEditsMax = 2000;

// What is said of the files themselves stays empty: whoever reads such an entry looks at the file.
bool edit(git_index* index, const ChangeSet& changes) {
  // What goes makes room first: a file may stand where a directory was.
  for (const auto& [path, change] : changes)
    if (change.is_removed() && git_index_remove(index, path.c_str(), 0) < 0) return false;
  for (const auto& [path, change] : changes) {
    if (change.is_removed()) continue;
    git_index_entry entry{};
    entry.path = path.c_str();
    entry.mode = change.mode;
    entry.id = change.id;
    if (git_index_add(index, &entry) < 0) return false;
  }
  return true;
}

}  // namespace

Result<void> WorkTree::open_index() {
  std::optional<KnownFiles::WholeIndex> known;
  if (options_.known != nullptr) known = options_.known->take_index(stamp_of(options_.index_file));
  // A tree that was moved since has its index elsewhere.
  if (known && options_.index_file == git_index_path(known->index.get())) {
    index_ = std::move(known->index);
    held_ = known->tree;
    is_index_changed_ = false;
    return {};
  }
  const std::string what = "cannot open the workspace " + quote(options_.top.native());
  KON_TRY_VOID(remove_unless_file(options_.index_file));
  int code = git_index_open(receive(index_), options_.index_file.c_str());
  if (code < 0) {
    // Only a cache: a damaged one is made anew.
    KON_TRY_VOID(remove_path(options_.index_file));
    code = git_index_open(receive(index_), options_.index_file.c_str());
  }
  std::error_code error;
  is_index_changed_ = !std::filesystem::exists(options_.index_file, error);
  return check(code, what);
}

Result<void> WorkTree::use(git_index* index) {
  // The library lets go of one that it is given twice.
  if (in_use_ == index) return {};
  in_use_ = index;
  return check(git_repository_set_index(repository(), index),
               "cannot open the workspace " + quote(options_.top.native()));
}

// It holds the tree that the files are compared with.
Result<git_index*> WorkTree::index() {
  if (index_.get() == nullptr) KON_TRY_VOID(open_index());
  KON_TRY_VOID(use(index_.get()));
  if (is_compared_read_ || !compared_) return index_.get();
  if (!held_) {
    KON_TRY(held_, write_index_tree());
  }
  const git_oid present = *held_;
  if (!(present == *compared_)) KON_TRY_VOID(bring_index(present, *compared_));
  held_ = compared_;
  is_compared_read_ = true;
  return index_.get();
}

// What is known of files that both trees hold alike stays.
Result<void> WorkTree::bring_index(const git_oid& from, const git_oid& to) {
  is_index_changed_ = true;
  // The tree that it was brought to once may be gone by now.
  const Result<ChangeSet> changes = tree_changes(repository(), from, to);
  if (changes.has_value()) {
    for (const auto& [path, change] : changes.value())
      if (!change.is_removed()) unseen_.push_back(path);
  }
  if (changes.has_value() && changes.value().size() <= kEditsMax &&
      edit(index_.get(), changes.value()))
    return {};
  git_error_clear();
  KON_TRY(const Tree wanted, find_tree(repository(), to));
  return check(git_index_read_tree(index_.get(), wanted.get()), "cannot read a tree");
}

// The index of what is at those paths, if that is little, or of everything.
Result<git_index*> WorkTree::choose_index(const std::optional<Paths>& within) {
  if (!within || !compared_) return index();
  KON_TRY(std::optional<Index> few, partial_index(repository(), *compared_, *within));
  if (!few) return index();
  few_ = std::move(*few);
  KON_TRY_VOID(use(few_.get()));
  return few_.get();
}

Result<git_oid> WorkTree::write_index_tree() {
  git_oid tree{};
  KON_TRY_VOID(
      check(git_index_write_tree_to(&tree, index_.get(), repository()), "cannot write a tree"));
  return tree;
}

Result<void> WorkTree::write_index() {
  if (index_.get() == nullptr || !is_index_changed_) return {};
  KON_TRY_VOID(use(index_.get()));
  for (const std::string& path : unseen_)
    KON_TRY_VOID(see(path));
  unseen_.clear();
  is_index_changed_ = false;
  KON_TRY_VOID(remove_unless_file(options_.index_file));
  return check(git_index_write(index_.get()),
               "cannot write " + quote(options_.index_file.native()));
}

Result<void> WorkTree::bring_index_file() {
  KON_TRY_VOID(index());
  KON_TRY_VOID(write_index());
  if (options_.known == nullptr || !held_) return {};
  Index none;
  KON_TRY_VOID(check(git_index_new(receive(none)), "cannot make an index"));
  KON_TRY_VOID(use(none.get()));
  options_.known->keep_index({std::move(index_), *held_, stamp_of(options_.index_file)});
  in_use_ = nullptr;
  is_compared_read_ = false;
  return {};
}

void WorkTree::keep_seen() {
  if (options_.known == nullptr || few_.get() == nullptr) return;
  options_.known->keep_seen(std::move(few_));
}

// The index says of the file what a look at it finds, if it is the one that the tree has. Programs
// that do not look at content themselves would else take it for a changed one.
Result<void> WorkTree::see(const std::string& path) {
  const git_index_entry* const entry = git_index_get_bypath(index_.get(), path.c_str(), 0);
  if (entry == nullptr) return {};
  git_index_entry wanted = *entry;
  wanted.path = path.c_str();
  const git_index_entry* const seen =
      options_.known == nullptr ? nullptr : options_.known->seen(path);
  // If the file is another by now, its times tell.
  if (seen != nullptr && seen->id == wanted.id && seen->mode == wanted.mode)
    return check(git_index_add(index_.get(), seen), "cannot edit an index");
  const bool is_added = git_index_add_bypath(index_.get(), path.c_str()) == 0;
  const git_index_entry* const found = git_index_get_bypath(index_.get(), path.c_str(), 0);
  if (is_added && found != nullptr && found->id == wanted.id && found->mode == wanted.mode)
    return {};
  git_error_clear();
  return check(git_index_add(index_.get(), &wanted), "cannot edit an index");
}

}  // namespace konductor::platform::git
