// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/git_handles.hpp"
#include "platform/git_known_files.hpp"
#include "ports/workspaces.hpp"

namespace konductor::platform::git {

struct WorkTreeOptions {
  std::filesystem::path git_directory;  // Of the repository that holds the objects.
  std::filesystem::path top;            // The tree of files.
  std::filesystem::path index_file;     // Ours alone: no attempt reads or writes it.
  std::string excluded;                 // The folder that is never looked at: ".konductor".
  std::string ignore_rules;             // Besides what .gitignore files and the settings say.
  std::shared_ptr<KnownFiles> known = nullptr;  // Spares looks at all files; may be missing.
};

// Files on disk seen against a tree in the object store. The index file is only a cache of what the
// files' content was when they were last looked at, so an agent that stages, hides or locks things
// in its own index changes nothing here. Paths are those of the repository.
class WorkTree {
 public:
  static Result<WorkTree> open(WorkTreeOptions options);

  git_repository* repository() const { return repository_.get(); }

  // Makes `tree` what the files are compared with.
  void compare_with(const git_oid& tree);

  // What differs: changed and missing tracked files, and new ones that are not ignored, also those
  // inside repositories of their own. Nothing below the excluded folder, no submodule.
  Result<std::vector<ports::FileChange>> scan();

  // Writes the files as a tree; the excluded folder is as in `kept`. Files are then compared with
  // that tree.
  Result<git_oid> capture(const git_oid& kept);

  // Makes the files those of `tree`: tracked ones as they were, also in the excluded folder, new
  // ones that are not ignored gone.
  Result<void> restore(const git_oid& tree);

  // The same where nobody has been yet: the files are those of `from`, and the index knows them.
  // Costs what differs.
  Result<void> change(const git_oid& from, const git_oid& to);

  // Removes what the tree last restored or compared with does not hold: ignored files, those in
  // the excluded folder and empty directories too.
  Result<void> purge();

  // Writes all files of `tree` into a directory that holds none yet.
  Result<void> fill(const git_oid& tree);

  // Makes the index file that of the compared tree. Nothing else here leaves it so: it is written
  // only where everything had to be looked at.
  Result<void> bring_index_file();

 private:
  using Paths = KnownFiles::Paths;

  WorkTree(WorkTreeOptions options, Repository repository)
      : options_(std::move(options)), repository_(std::move(repository)) {}

  Result<git_index*> index();
  Result<void> open_index();
  Result<void> use(git_index* index);
  Result<void> bring_index(const git_oid& from, const git_oid& to);
  Result<git_index*> choose_index(const std::optional<Paths>& within);
  Result<git_oid> write_index_tree();
  Result<void> write_index();
  Result<void> see(const std::string& path);
  void keep_seen();

  Result<std::optional<Paths>> find_suspects();
  DirectoryWatch::Skips skips();
  bool are_in_ignored_directory(const Paths& paths);
  static bool decides_ignoring(const std::string& path);
  Result<std::vector<ports::FileChange>> scan(const std::optional<Paths>& within);
  bool is_excluded(std::string_view path) const;
  Result<void> add_nested_repository(const std::string& directory,
                                     std::vector<ports::FileChange>& found);
  Result<bool> is_ignored(const std::string& path);

  Result<git_oid> write_changes(const std::optional<Paths>& within,
                                const std::vector<ports::FileChange>& changes);
  Result<git_oid> keep_excluded(const git_oid& tree, const git_oid& kept);

  Result<void> undo(const std::vector<ports::FileChange>& changes);
  Result<void> tell_index(const std::vector<ports::FileChange>& changes);
  void know_all(const git_oid& tree);
  Result<void> check_out(const std::vector<std::string>& paths);
  std::filesystem::path shortest_that_is_no_directory(const std::filesystem::path& path) const;
  Result<void> purge_below(const git_tree* tracked, const std::filesystem::path& directory);
  Result<void> purge_at(const git_tree_entry* tracked, const std::string& path);

  WorkTreeOptions options_;
  Repository repository_;
  Index index_;                      // Opened when it is needed: it may be large.
  Index few_;                        // Stands in for it while few paths are looked at.
  git_index* in_use_ = nullptr;      // One of the two.
  std::optional<git_oid> held_;      // The tree that the index of everything holds, if known.
  std::optional<git_oid> compared_;  // Nothing: with what the index holds.
  bool is_compared_read_ = false;
  bool is_index_changed_ = false;
  Paths unseen_;  // Of which the index only knows what a tree says.
};

}  // namespace konductor::platform::git
