// SPDX-License-Identifier: MIT
#pragma once

#include <git2.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

inline bool operator==(const git_oid& left, const git_oid& right) {
  return git_oid_equal(&left, &right) != 0;
}

// libgit2 made safe: owned handles, errors as values. Only files named git_* include this.
namespace konductor::platform::git {

// Owns one of libgit2's objects.
template <class T, auto Free>
class Handle {
 public:
  Handle() = default;
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Handle() { reset(); }

  T* get() const { return raw_; }
  T& operator*() const { return *raw_; }

  // For a function that fills in a `T**`; what was held is freed first.
  T** receive() {
    reset();
    return &raw_;
  }

 private:
  void reset() {
    if (raw_ != nullptr) Free(raw_);
    raw_ = nullptr;
  }

  T* raw_ = nullptr;
};

// git_blob_lookup(receive(blob), …).
template <class T, auto Free>
T** receive(Handle<T, Free>& handle) {
  return handle.receive();
}

using Blob = Handle<git_blob, git_blob_free>;
using Commit = Handle<git_commit, git_commit_free>;
using Config = Handle<git_config, git_config_free>;
using ConfigIterator = Handle<git_config_iterator, git_config_iterator_free>;
using ConflictIterator = Handle<git_index_conflict_iterator, git_index_conflict_iterator_free>;
using Diff = Handle<git_diff, git_diff_free>;
using Index = Handle<git_index, git_index_free>;
using Object = Handle<git_object, git_object_free>;
using ObjectDatabase = Handle<git_odb, git_odb_free>;
using Patch = Handle<git_patch, git_patch_free>;
using Reference = Handle<git_reference, git_reference_free>;
using ReferenceIterator = Handle<git_reference_iterator, git_reference_iterator_free>;
using Repository = Handle<git_repository, git_repository_free>;
using RevisionWalk = Handle<git_revwalk, git_revwalk_free>;
using Signature = Handle<git_signature, git_signature_free>;
using Tree = Handle<git_tree, git_tree_free>;
using TreeBuilder = Handle<git_treebuilder, git_treebuilder_free>;
using TreeEntry = Handle<git_tree_entry, git_tree_entry_free>;

// An options struct with the library's defaults: made_by<git_diff_options>(git_diff_options_init).
template <class Options>
Options made_by(int (*init)(Options*, unsigned)) {
  Options options{};
  init(&options, 1);  // All these structs are of version 1.
  return options;
}

// Starts the library, once a process.
void ensure_library();

// The library's last error on this thread as an Error: "`what`: reason".
Error failure(int code, std::string_view what);
// Nothing when `code` is not negative, else failure(code, what).
Result<void> check(int code, std::string_view what);

std::string hex(const git_oid& id);
// "01ab23cd45ef", for people.
std::string short_hex(const git_oid& id);
Result<git_oid> parse_id(std::string_view text);

// Opens a repository by its own git directory, with the work tree that it says it has.
// Adds the settings of the repository's own work tree, which the library does not look for.
void read_worktree_settings(git_repository* repository);

Result<Repository> open_repository(const std::filesystem::path& git_directory);

Result<Commit> find_commit(git_repository* repository, const git_oid& id);
Result<Commit> find_commit(git_repository* repository, const std::string& id);
Result<Tree> tree_of(const Commit& commit);
Result<Tree> find_tree(git_repository* repository, const git_oid& id);
Result<git_oid> tree_id_of(git_repository* repository, const git_oid& commit);

// Who engine commits are by: the environment's GIT_COMMITTER_* or GIT_AUTHOR_*, else user.name and
// user.email. Error `environment` with the commands that set them.
Result<Signature> find_identity(git_repository* repository);

// Whether the engine made it, by its trailer.
bool is_engine_commit(const Commit& commit);

struct CommitParts {
  git_oid tree;
  std::vector<git_oid> parents;
  std::string message;
};
// Writes a commit that no reference points to yet, and sees that it is there.
Result<git_oid> write_commit(git_repository* repository, const git_signature& identity,
                             const CommitParts& parts);

}  // namespace konductor::platform::git
