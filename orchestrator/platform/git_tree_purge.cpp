// SPDX-License-Identifier: MIT
#include "base/check.hpp"
#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_tree.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

Result<void> WorkTree::purge() {
  std::optional<Paths> within;
  if (options_.known != nullptr) within = options_.known->touched(skips());
  if (within && within->empty()) return {};
  KON_CHECK(compared_.has_value());
  KON_TRY(const Tree tracked, find_tree(repository(), *compared_));
  if (!within) KON_TRY_VOID(purge_below(tracked.get(), ""));
  for (const std::string& path : within.value_or(Paths())) {
    if (shortest_that_is_no_directory(path) != path) continue;
    TreeEntry entry;
    if (git_tree_entry_bypath(receive(entry), tracked.get(), path.c_str()) < 0) git_error_clear();
    KON_TRY_VOID(purge_at(entry.get(), path));
    remove_empty_directories((options_.top / path).parent_path(), options_.top);
  }
  if (options_.known != nullptr) options_.known->set_pure();
  return {};
}

// `tracked` is what of the tree stands there; of a submodule nothing does.
Result<void> WorkTree::purge_below(const git_tree* tracked, const fs::path& directory) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator it(options_.top / directory, error), end; !error && it != end;
       it.increment(error))
    if (!directory.empty() || it->path().filename() != ".git")
      found.push_back(it->path().filename());
  if (error) return error_from_errno(error.value(), quote((options_.top / directory).native()));
  for (const std::string& name : found)
    KON_TRY_VOID(
        purge_at(tracked != nullptr ? git_tree_entry_byname(tracked, name.c_str()) : nullptr,
                 directory / name));
  return {};
}

Result<void> WorkTree::purge_at(const git_tree_entry* tracked, const std::string& path) {
  std::error_code error;
  const git_filemode_t mode =
      tracked != nullptr ? git_tree_entry_filemode(tracked) : GIT_FILEMODE_UNREADABLE;
  const bool is_directory = fs::is_directory(fs::symlink_status(options_.top / path, error));
  if (is_directory && mode == GIT_FILEMODE_COMMIT) return purge_below(nullptr, path);
  if (is_directory && mode == GIT_FILEMODE_TREE) {
    KON_TRY(const Tree below, find_tree(repository(), *git_tree_entry_id(tracked)));
    return purge_below(below.get(), path);
  }
  const bool is_file_wanted = tracked != nullptr && mode != GIT_FILEMODE_TREE;
  if (is_file_wanted && !is_directory) return {};
  return remove_path(options_.top / path);
}

}  // namespace konductor::platform::git
