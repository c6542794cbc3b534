// SPDX-License-Identifier: MIT
#include "platform/git_tree.hpp"

#include <git2/sys/repository.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "platform/git_change_set.hpp"
#include "platform/git_delta.hpp"
#include "platform/git_files.hpp"
#include "platform/git_ignore_rules.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;
using ports::ChangeKind;
using ports::FileChange;

namespace {

// A path as a rule of a .gitignore file that means it and nothing else.
std::string as_ignore_rule(std::string_view path) {
  std::string rule = "/";
  for (const char c : path) {
    if (std::string_view("*?[\\! #").find(c) != std::string_view::npos) rule += '\\';
    rule += c;
  }
  return rule + "/\n";
}

using Pointers = std::vector<char*>;

// Makes a comparison look at `within` alone. What is returned has to live as long as it.
Pointers limit(git_diff_options& options, const std::optional<KnownFiles::Paths>& within) {
  Pointers pointers;
  if (!within) return pointers;
  for (const std::string& path : *within)
    pointers.push_back(const_cast<char*>(path.c_str()));  // libgit2 only reads them.
  options.flags |= GIT_DIFF_DISABLE_PATHSPEC_MATCH;
  options.pathspec = {pointers.data(), pointers.size()};
  return pointers;
}

// Whether one of them is in a repository of its own, whose files are only found by a look at all of
// it.
bool are_in_repository_below(const fs::path& top, const KnownFiles::Paths& paths) {
  std::set<fs::path> seen;
  std::error_code error;
  for (const std::string& path : paths)
    for (fs::path above = fs::path(path).parent_path(); !above.empty(); above = above.parent_path())
      if (seen.insert(above).second && fs::exists(fs::symlink_status(top / above / ".git", error)))
        return true;
  return false;
}

void sort_by_path(std::vector<FileChange>& changes) {
  std::sort(changes.begin(), changes.end(),
            [](const FileChange& left, const FileChange& right) { return left.path < right.path; });
}

}  // namespace

Result<WorkTree> WorkTree::open(WorkTreeOptions options) {
  ensure_library();
  KON_TRY_VOID(remove_path(options.index_file.native() + ".lock"));
  const std::string what = "cannot open the workspace " + quote(options.top.native());
  // The tree's own links into the repository may have been tampered with, so they are not used.
  Repository repository;
  KON_TRY_VOID(
      check(git_repository_open_bare(receive(repository), options.git_directory.c_str()), what));
  KON_TRY_VOID(check(git_repository_set_workdir(repository.get(), options.top.c_str(), 0), what));
  // Else the library would look into the index of the user's checkout.
  Index none;
  KON_TRY_VOID(check(git_index_new(receive(none)), what));
  KON_TRY_VOID(check(git_repository_set_index(repository.get(), none.get()), what));
  const std::string rules = options.ignore_rules + as_ignore_rule(options.excluded);
  KON_TRY_VOID(check(git_ignore_add_rule(repository.get(), rules.c_str()), what));
  if (options.known != nullptr)
    options.known->follow_rules(stamp_of_ignore_rules(repository.get()));
  return WorkTree(std::move(options), std::move(repository));
}

bool WorkTree::is_excluded(std::string_view path) const {
  const std::string& folder = options_.excluded;
  return path.substr(0, folder.size()) == folder &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

// Which files are ignored depends on these.
bool WorkTree::decides_ignoring(const std::string& path) {
  return fs::path(path).filename() == ".gitignore";
}

void WorkTree::compare_with(const git_oid& tree) {
  compared_ = tree;
  is_compared_read_ = false;
}

// Directories in which nothing can happen that changes what a scan finds.
DirectoryWatch::Skips WorkTree::skips() {
  const std::optional<git_oid> id = compared_ ? compared_ : options_.known->tree();
  std::shared_ptr<Tree> tree;
  if (id)
    if (auto found = find_tree(repository(), *id))
      tree = std::make_shared<Tree>(std::move(found).value());
  return [this, tree](const std::string& path) {
    if (fs::path(path).filename() == ".git") return true;
    TreeEntry entry;
    if (tree && git_tree_entry_bypath(receive(entry), tree->get(), path.c_str()) == 0) return false;
    const Result<bool> ignored = is_ignored(path + "/");
    return ignored && ignored.value();
  };
}

// Paths outside of which the files are what they are compared with; nothing when all have to be
// looked at.
Result<std::optional<WorkTree::Paths>> WorkTree::find_suspects() {
  std::optional<Paths> none;
  KnownFiles* const known = options_.known.get();
  if (known == nullptr) return none;
  std::optional<Paths> found = known->suspects(skips());
  if (!found) return none;
  if (compared_ && !(*known->tree() == *compared_)) {
    KON_TRY(const ChangeSet changes, tree_changes(repository(), *known->tree(), *compared_));
    Paths between;
    for (const auto& [path, change] : changes)
      between.push_back(path);
    if (std::any_of(between.begin(), between.end(), decides_ignoring) ||
        are_in_ignored_directory(between)) {
      known->forget();
      return known->suspects(skips());
    }
    known->touch(between);
    found->insert(found->end(), between.begin(), between.end());
  }
  return are_in_repository_below(options_.top, *found) ? none : found;
}

// A directory that is ignored is not watched until a tree is known to hold a file in it.
bool WorkTree::are_in_ignored_directory(const Paths& paths) {
  std::set<fs::path> seen;
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const fs::path directory = fs::path(path).parent_path();
    if (directory.empty() || !seen.insert(directory).second) return false;
    const Result<bool> ignored = is_ignored(directory.native() + "/");
    return !ignored || ignored.value();
  });
}

Result<std::vector<FileChange>> WorkTree::scan() {
  KON_TRY(const std::optional<Paths> within, find_suspects());
  KON_TRY(std::vector<FileChange> changes, scan(within));
  const auto is_left_out = [this](const FileChange& change) { return is_excluded(change.path); };
  changes.erase(std::remove_if(changes.begin(), changes.end(), is_left_out), changes.end());
  return changes;
}

// With the tracked files of the excluded folder; new ones there count as ignored.
Result<std::vector<FileChange>> WorkTree::scan(const std::optional<Paths>& within) {
  std::vector<FileChange> found;
  if (within && within->empty()) return found;
  KON_TRY(git_index* const compared, choose_index(within));
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                  GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_IGNORE_SUBMODULES |
                  GIT_DIFF_SKIP_BINARY_CHECK;
  if (compared == index_.get()) options.flags |= GIT_DIFF_UPDATE_INDEX;
  Pointers pointers = limit(options, within);
  Diff diff;
  KON_TRY_VOID(check(git_diff_index_to_workdir(receive(diff), repository(), compared, &options),
                     "cannot look through " + quote(options_.top.native())));
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), n);
    const std::string path = delta->new_file.path;
    const ChangeKind kind = kind_of(delta->status);
    if (kind == ChangeKind::added && is_excluded(path)) continue;
    if (path.back() != '/') {
      found.push_back(FileChange{kind, path});
      continue;
    }
    KON_TRY_VOID(add_nested_repository(path.substr(0, path.size() - 1), found));
  }
  sort_by_path(found);
  return found;
}

// A tool may have run `git init` below: its files are work like any other, only its own repository
// is not.
Result<void> WorkTree::add_nested_repository(const std::string& directory,
                                             std::vector<FileChange>& found) {
  std::error_code error;
  for (fs::directory_iterator it(options_.top / directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (name == ".git") continue;
    const std::string path = directory + "/" + name;
    const fs::file_status status = it->symlink_status(error);
    if (is_excluded(path)) continue;
    KON_TRY(const bool is_left_out, is_ignored(fs::is_directory(status) ? path + "/" : path));
    if (is_left_out) continue;
    if (fs::is_directory(status)) KON_TRY_VOID(add_nested_repository(path, found));
    if (fs::is_regular_file(status) || fs::is_symlink(status))
      found.push_back(FileChange{ChangeKind::added, path});
  }
  if (error) return error_from_errno(error.value(), quote((options_.top / directory).native()));
  return {};
}

Result<bool> WorkTree::is_ignored(const std::string& path) {
  int ignored = 0;
  KON_TRY_VOID(check(git_ignore_path_is_ignored(&ignored, repository(), path.c_str()),
                     "cannot tell whether " + quote(path) + " is ignored"));
  return ignored != 0;
}

}  // namespace konductor::platform::git
