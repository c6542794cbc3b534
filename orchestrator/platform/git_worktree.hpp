// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "platform/git_layout.hpp"
#include "platform/git_tree.hpp"
#include "platform/overlay_tree.hpp"

namespace konductor::platform::git {

struct OverlayBase;

// One linked work tree of a plan: a directory of files, and the folder in the repository that makes
// git programs inside it work. Made by hand, because every step must be one that a later run can
// repeat or undo after a crash. The engine itself relies on none of the links: an agent may break
// them, and repair() makes them good again.
class PlanWorktree {
 public:
  PlanWorktree(const Layout& layout, const std::filesystem::path& parent, const std::string& name,
               std::string branch);

  // One in a pool: it stands in `directory` and is on no branch.
  PlanWorktree(const Layout& layout, std::filesystem::path directory, const std::string& name);

  // It is on no branch: its HEAD belongs at this commit.
  void stay_at(std::string commit) { detached_ = std::move(commit); }

  const std::filesystem::path& directory() const { return directory_; }
  // The repository's folder about it.
  const std::filesystem::path& admin() const { return admin_; }

  // From now on what is known of its files is kept there, and spares looks at all of them.
  void share(KnownTrees& known) { known_ = &known; }
  void share_with(const PlanWorktree& other) { known_ = other.known_; }

  enum class State {
    missing,   // Nothing there, or what a crash left of it.
    ready,     // Whole.
    unlinked,  // Files are there, the repository forgot them.
    foreign,   // Somebody else's work tree has the name.
  };
  State state() const;

  // Makes the files of one that is an overlay appear, where the process can mount it, or makes them
  // plain files. Until then nothing can be told of them. Others are left alone.
  bool is_overlay() const { return overlay_.exists(); }
  Result<void> mount() const;
  Result<void> materialise() const;

  // Both of its directories, empty; then the files of `commit` in them.
  Result<void> make_directories() const;
  Result<void> create(git_repository* repository, const git_oid& commit) const;
  // The same as an overlay, whose mount only this process and what it starts can see.
  Result<void> create_over(const OverlayBase& base, git_repository* repository,
                           const git_oid& commit) const;
  // Makes the repository know it again.
  Result<void> adopt() const;

  // Becomes the files and the repository's folder of `other`, which is missing. Counts as half-made
  // until refill().
  Result<void> move_to(const PlanWorktree& other) const;
  // The files of `commit` in a tree that has been used, and nothing else, ignored ones included.
  Result<void> refill(git_repository* repository, const git_oid& commit) const;

  // Until adopt(): a crash meanwhile leaves it to be made anew.
  void mark_unfinished() const;

  // Makes the links right again and removes what killed programs left locked. HEAD stays.
  Result<void> repair() const;

  // Puts HEAD where it belongs and ends half-done merges and rebases.
  Result<void> settle() const;
  // Gives the git of programs in the tree an index of that commit. Costs next to nothing when it is
  // there: none of them has written it since, as settle() has seen.
  Result<void> bring_index(git_repository* repository, const git_oid& commit) const;

  // What HEAD says: "ref: refs/heads/x", an id, or "" when it says nothing.
  std::string head_text() const;
  std::string own_head_text() const { return detached_.empty() ? "ref: " + branch_ : detached_; }
  Result<void> put_head_back() const;
  // Leaves the branch free for others.
  Result<void> detach(const git_oid& commit) const;

  // Not yet given to an attempt. Kept over restarts, so that a setup that was cut short is done
  // again.
  bool is_fresh() const;
  void mark_used() const;

  Result<WorkTree> files() const;
  // Its directories and all that is in them; the branch stays.
  Result<void> remove() const;

 private:
  Result<void> link() const;
  Result<void> mark_overlay() const;
  Result<void> check_not_bare() const;
  std::filesystem::path index_file() const;

  std::filesystem::path common_directory_;
  std::string excluded_;
  std::filesystem::path admin_;
  std::filesystem::path directory_;
  OverlayTree overlay_;
  std::string branch_;
  std::string detached_;
  KnownTrees* known_ = nullptr;
};

// Whether a folder of `worktrees/` in the repository was made by a PlanWorktree, pooled ones
// included.
bool is_plan_worktree(const std::filesystem::path& admin);

}  // namespace konductor::platform::git
