// SPDX-License-Identifier: MIT
#include "platform/git_partial_index.hpp"

#include <set>
#include <string_view>

namespace konductor::platform::git {

namespace {

// To hash more files costs more than to read and write a large index.
constexpr std::size_t kEntriesMax = 4000;

class PartialIndex {
 public:
  explicit PartialIndex(git_repository* repository) : repository_(repository) {}

  // False when it cannot serve.
  Result<bool> add(const Tree& top, const std::string& path) {
    for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
      const std::string above = path.substr(0, end);
      TreeEntry entry;
      const int code = git_tree_entry_bypath(receive(entry), top.get(), above.c_str());
      if (code == GIT_ENOTFOUND) return true;
      KON_TRY_VOID(check(code, "cannot look into a tree"));
      const bool is_directory = git_tree_entry_type(entry.get()) == GIT_OBJECT_TREE;
      if (is_directory && end != std::string::npos) continue;
      return add_entry(above, *entry);
    }
  }

  Index take() { return std::move(index_); }
  Result<void> begin() { return check(git_index_new(receive(index_)), "cannot make an index"); }

 private:
  Result<bool> add_entry(const std::string& path, const git_tree_entry& entry) {
    const git_filemode_t mode = git_tree_entry_filemode(&entry);
    if (mode == GIT_FILEMODE_TREE) return add_below(path, *git_tree_entry_id(&entry));
    if (mode == GIT_FILEMODE_COMMIT) return false;
    if (!added_.insert(path).second) return true;
    if (added_.size() > kEntriesMax) return false;
    git_index_entry added{};
    added.path = path.c_str();
    added.mode = mode;
    added.id = *git_tree_entry_id(&entry);
    KON_TRY_VOID(check(git_index_add(index_.get(), &added), "cannot edit an index"));
    return true;
  }

  Result<bool> add_below(const std::string& path, const git_oid& id) {
    KON_TRY(const Tree tree, find_tree(repository_, id));
    for (std::size_t n = 0; n < git_tree_entrycount(tree.get()); ++n) {
      const git_tree_entry* const entry = git_tree_entry_byindex(tree.get(), n);
      KON_TRY(const bool serves, add_entry(path + "/" + git_tree_entry_name(entry), *entry));
      if (!serves) return false;
    }
    return true;
  }

  git_repository* repository_;
  Index index_;
  std::set<std::string> added_;
};

}  // namespace

Result<std::optional<Index>> partial_index(git_repository* repository, const git_oid& tree,
                                           const std::vector<std::string>& paths) {
  std::optional<Index> none;
  KON_TRY(const Tree top, find_tree(repository, tree));
  PartialIndex made(repository);
  KON_TRY_VOID(made.begin());
  for (const std::string& path : paths) {
    if (path.empty()) return none;
    KON_TRY(const bool serves, made.add(top, path));
    if (!serves) return none;
  }
  return std::optional<Index>(made.take());
}

}  // namespace konductor::platform::git
