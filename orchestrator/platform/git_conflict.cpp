// SPDX-License-Identifier: MIT
#include "platform/git_conflict.hpp"

#include "base/text.hpp"
#include "platform/git_graph.hpp"

namespace konductor::platform::git {

namespace {

// An entry of an index, with its path held.
struct Side {
  bool is_there = false;
  std::string path;
  git_index_entry entry{};
};

Side side_of(const git_index_entry* entry) {
  Side side;
  if (entry == nullptr) return side;
  side.is_there = true;
  side.path = entry->path;
  side.entry.id = entry->id;
  side.entry.mode = entry->mode;
  return side;
}

struct Conflict {
  Side base;
  Side ours;
  Side theirs;
};

Result<std::vector<Conflict>> conflicts_of(const Index& index) {
  ConflictIterator iterator;
  KON_TRY_VOID(check(git_index_conflict_iterator_new(receive(iterator), index.get()),
                     "cannot list merge conflicts"));
  std::vector<Conflict> found;
  const git_index_entry* base = nullptr;
  const git_index_entry* ours = nullptr;
  const git_index_entry* theirs = nullptr;
  while (git_index_conflict_next(&base, &ours, &theirs, iterator.get()) == 0)
    found.push_back({side_of(base), side_of(ours), side_of(theirs)});
  return found;
}

bool is_regular(const Side& side) {
  return side.is_there &&
         (side.entry.mode == GIT_FILEMODE_BLOB || side.entry.mode == GIT_FILEMODE_BLOB_EXECUTABLE);
}

Result<bool> is_binary(git_repository* repository, const Side& side) {
  Blob blob;
  KON_TRY_VOID(check(git_blob_lookup(receive(blob), repository, &side.entry.id),
                     "cannot read " + quote(side.path)));
  return git_blob_is_binary(blob.get()) == 1;
}

git_index_entry* entry_of(Side& side) {
  if (!side.is_there) return nullptr;
  side.entry.path = side.path.c_str();
  return &side.entry;
}

// Both sides of a text between markers.
Result<git_oid> marked_text(git_repository* repository, Conflict& conflict,
                            const ports::ConflictLabels& labels) {
  git_merge_file_options options = made_by(git_merge_file_options_init);
  options.our_label = labels.ours.c_str();
  options.their_label = labels.theirs.c_str();
  options.ancestor_label = "before both";
  options.flags = GIT_MERGE_FILE_STYLE_DIFF3;
  Side* base = is_regular(conflict.base) ? &conflict.base : nullptr;
  git_merge_file_result text{};
  KON_TRY_VOID(check(
      git_merge_file_from_index(&text, repository, base == nullptr ? nullptr : entry_of(*base),
                                entry_of(conflict.ours), entry_of(conflict.theirs), &options),
      "cannot merge " + quote(conflict.ours.path)));
  git_oid id{};
  const int code = git_blob_create_from_buffer(&id, repository, text.ptr, text.len);
  git_merge_file_result_free(&text);
  KON_TRY_VOID(check(code, "cannot write " + quote(conflict.ours.path)));
  return id;
}

// The mode that differs from before, ours first.
unsigned merged_mode(const Conflict& conflict) {
  const bool is_ours_old =
      conflict.base.is_there && conflict.base.entry.mode == conflict.ours.entry.mode;
  return is_ours_old ? conflict.theirs.entry.mode : conflict.ours.entry.mode;
}

Result<Side> resolve(git_repository* repository, Conflict& conflict,
                     const ports::ConflictLabels& labels) {
  Side chosen = conflict.ours.is_there ? conflict.ours : conflict.theirs;
  if (!is_regular(conflict.ours) || !is_regular(conflict.theirs)) return chosen;
  KON_TRY(const bool is_ours_binary, is_binary(repository, conflict.ours));
  KON_TRY(const bool is_theirs_binary, is_binary(repository, conflict.theirs));
  if (is_ours_binary || is_theirs_binary) return chosen;
  KON_TRY(chosen.entry.id, marked_text(repository, conflict, labels));
  chosen.entry.mode = merged_mode(conflict);
  return chosen;
}

// A file stands where the other side has a directory: it is put beside it.
Result<void> add(Index& index, Side& side) {
  const std::string plain = side.path;
  std::size_t position = 0;
  const bool is_directory =
      git_index_find_prefix(&position, index.get(), (plain + "/").c_str()) == 0;
  if (is_directory) side.path += "~conflict";
  return check(git_index_add(index.get(), entry_of(side)), "cannot record " + quote(side.path));
}

}  // namespace

Result<git_oid> write_conflict_tree(git_repository* repository, const git_oid& ours,
                                    const git_oid& theirs, const ports::ConflictLabels& labels) {
  KON_TRY(Index index, merged_index(repository, ours, theirs));
  KON_TRY(std::vector<Conflict> conflicts, conflicts_of(index));
  for (Conflict& conflict : conflicts)
    for (const Side* side : {&conflict.base, &conflict.ours, &conflict.theirs})
      if (side->is_there) git_index_conflict_remove(index.get(), side->path.c_str());
  git_error_clear();
  for (Conflict& conflict : conflicts) {
    if (!conflict.ours.is_there && !conflict.theirs.is_there) continue;
    KON_TRY(Side chosen, resolve(repository, conflict, labels));
    KON_TRY_VOID(add(index, chosen));
  }
  git_oid tree{};
  KON_TRY_VOID(
      check(git_index_write_tree_to(&tree, index.get(), repository), "cannot write a merged tree"));
  return tree;
}

}  // namespace konductor::platform::git
