// SPDX-License-Identifier: MIT
#include "platform/git_graph.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "platform/git_change_set.hpp"

namespace konductor::platform::git {

namespace {

// libgit2 1.5 knows nothing of the boundary of a shallow clone, so this walk is our own. Commits
// are painted by the side they are reached from, newest first; what both sides reach is an
// ancestor of both, and what lies behind such a commit is stale.
class Painter {
 public:
  explicit Painter(git_repository* repository) : repository_(repository) {}

  Result<void> paint(const git_oid& id, unsigned colours) {
    unsigned& present = colours_[id];
    if ((present & colours) == colours) return {};
    present |= colours;
    Commit commit;
    const int code = git_commit_lookup(receive(commit), repository_, &id);
    if (code == GIT_ENOTFOUND && is_shallow()) return {};  // Beyond the boundary.
    if (code < 0) return failure(code, "cannot read the commit \"" + hex(id) + "\"");
    queue_.emplace(git_commit_time(commit.get()), id);
    return {};
  }

  Result<std::vector<git_oid>> run() {
    std::vector<git_oid> found;
    while (has_fresh()) {
      const auto newest = std::prev(queue_.end());
      const git_oid id = newest->second;
      queue_.erase(newest);
      unsigned colours = colours_[id];
      if ((colours & kBoth) == kBoth && (colours & kStale) == 0) {
        if ((colours & kFound) == 0) found.push_back(id);
        colours_[id] |= kFound;
        colours |= kStale;
      }
      KON_TRY(const Commit commit, find_commit(repository_, id));
      for (unsigned n = 0; n < git_commit_parentcount(commit.get()); ++n)
        KON_TRY_VOID(paint(*git_commit_parent_id(commit.get(), n), colours & (kBoth | kStale)));
    }
    const auto is_stale = [this](const git_oid& id) { return (colours_[id] & kStale) != 0; };
    found.erase(std::remove_if(found.begin(), found.end(), is_stale), found.end());
    return found;
  }

  static constexpr unsigned kOne = 1;
  static constexpr unsigned kTwo = 2;

 private:
  static constexpr unsigned kBoth = kOne | kTwo;
  static constexpr unsigned kStale = 4;
  static constexpr unsigned kFound = 8;

  struct ById {
    bool operator()(const git_oid& left, const git_oid& right) const {
      return git_oid_cmp(&left, &right) < 0;
    }
  };

  // The library looks in the wrong place for a linked work tree.
  bool is_shallow() const {
    std::error_code error;
    const std::filesystem::path directory = git_repository_commondir(repository_);
    return std::filesystem::exists(directory / "shallow", error);
  }

  bool has_fresh() {
    return std::any_of(queue_.begin(), queue_.end(), [this](const auto& entry) {
      return (colours_[entry.second] & kStale) == 0;
    });
  }

  git_repository* repository_;
  std::map<git_oid, unsigned, ById> colours_;
  std::multimap<git_time_t, git_oid> queue_;
};

Result<std::vector<std::string>> conflicting_paths(const Index& index) {
  ConflictIterator iterator;
  KON_TRY_VOID(check(git_index_conflict_iterator_new(receive(iterator), index.get()),
                     "cannot list merge conflicts"));
  std::set<std::string> paths;
  const git_index_entry* base = nullptr;
  const git_index_entry* ours = nullptr;
  const git_index_entry* theirs = nullptr;
  while (git_index_conflict_next(&base, &ours, &theirs, iterator.get()) == 0)
    for (const git_index_entry* entry : {base, ours, theirs})
      if (entry != nullptr) paths.insert(entry->path);
  return std::vector<std::string>(paths.begin(), paths.end());
}

}  // namespace

Result<std::vector<git_oid>> common_ancestors(git_repository* repository, const git_oid& one,
                                              const git_oid& two) {
  if (one == two) return std::vector<git_oid>{one};
  Painter painter(repository);
  KON_TRY_VOID(painter.paint(one, Painter::kOne));
  KON_TRY_VOID(painter.paint(two, Painter::kTwo));
  return painter.run();
}

Result<bool> is_ancestor(git_repository* repository, const git_oid& ancestor,
                         const git_oid& descendant) {
  KON_TRY(const std::vector<git_oid> common, common_ancestors(repository, ancestor, descendant));
  return std::find(common.begin(), common.end(), ancestor) != common.end();
}

Result<Index> merged_index(git_repository* repository, const git_oid& ours, const git_oid& theirs) {
  KON_TRY(const std::vector<git_oid> bases, common_ancestors(repository, ours, theirs));
  KON_TRY(const Commit our_commit, find_commit(repository, ours));
  KON_TRY(const Commit their_commit, find_commit(repository, theirs));
  git_merge_options options = made_by(git_merge_options_init);
  Index merged;
  if (bases.size() > 1) {
    // Several bases have to be merged among themselves first, which this call does.
    KON_TRY_VOID(check(git_merge_commits(receive(merged), repository, our_commit.get(),
                                         their_commit.get(), &options),
                       "cannot merge"));
    return merged;
  }
  Tree base;
  if (!bases.empty()) {
    KON_TRY(const git_oid base_tree, tree_id_of(repository, bases.front()));
    KON_TRY(base, find_tree(repository, base_tree));
  }
  KON_TRY(const Tree our_tree, tree_of(our_commit));
  KON_TRY(const Tree their_tree, tree_of(their_commit));
  KON_TRY_VOID(check(git_merge_trees(receive(merged), repository, base.get(), our_tree.get(),
                                     their_tree.get(), &options),
                     "cannot merge"));
  return merged;
}

Result<Merged> merge_commits(git_repository* repository, const git_oid& ours,
                             const git_oid& theirs) {
  Merged result;
  KON_TRY(const std::vector<git_oid> bases, common_ancestors(repository, ours, theirs));
  if (bases.size() == 1) {
    KON_TRY(const auto tree, merge_disjoint(repository, bases.front(), ours, theirs));
    if (tree) {
      result.tree = *tree;
      return result;
    }
  }
  KON_TRY(const Index merged, merged_index(repository, ours, theirs));
  if (git_index_has_conflicts(merged.get()) != 0) {
    KON_TRY(result.conflicts, conflicting_paths(merged));
    return result;
  }
  KON_TRY_VOID(check(git_index_write_tree_to(&result.tree, merged.get(), repository),
                     "cannot write a merged tree"));
  return result;
}

Result<bool> adds_nothing(git_repository* repository, const git_oid& ours, const git_oid& theirs) {
  KON_TRY(const Merged merged, merge_commits(repository, ours, theirs));
  if (!merged.conflicts.empty()) return false;
  KON_TRY(const git_oid tree, tree_id_of(repository, ours));
  return merged.tree == tree;
}

}  // namespace konductor::platform::git
