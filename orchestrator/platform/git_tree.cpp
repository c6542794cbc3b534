// SPDX-License-Identifier: MIT
#include "platform/git_tree.hpp"

#include <git2/sys/repository.h>

#include <algorithm>

#include "base/text.hpp"
#include "platform/git_files.hpp"

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

// Which files are ignored depends on these.
bool decides_ignoring(const FileChange& change) {
  return fs::path(change.path).filename() == ".gitignore";
}

ChangeKind kind_of(git_delta_t status) {
  if (status == GIT_DELTA_UNTRACKED || status == GIT_DELTA_ADDED) return ChangeKind::added;
  if (status == GIT_DELTA_DELETED) return ChangeKind::deleted;
  if (status == GIT_DELTA_TYPECHANGE) return ChangeKind::type_changed;
  return ChangeKind::modified;
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
  Index index;
  int code = git_index_open(receive(index), options.index_file.c_str());
  if (code < 0) {
    // Only a cache: a damaged one is made anew.
    KON_TRY_VOID(remove_path(options.index_file));
    code = git_index_open(receive(index), options.index_file.c_str());
  }
  KON_TRY_VOID(check(code, what));
  KON_TRY_VOID(check(git_repository_set_index(repository.get(), index.get()), what));
  const std::string rules = options.ignore_rules + as_ignore_rule(options.excluded);
  KON_TRY_VOID(check(git_ignore_add_rule(repository.get(), rules.c_str()), what));
  return WorkTree(std::move(options), std::move(repository), std::move(index));
}

bool WorkTree::is_excluded(std::string_view path) const {
  const std::string& folder = options_.excluded;
  return path.substr(0, folder.size()) == folder &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

Result<void> WorkTree::compare_with(const git_oid& tree) {
  KON_TRY(const git_oid present, write_index_tree());
  if (present == tree) return {};
  KON_TRY(const Tree wanted, find_tree(repository(), tree));
  // What is known of files that both trees hold alike stays.
  return check(git_index_read_tree(index_.get(), wanted.get()), "cannot read a tree");
}

Result<std::vector<FileChange>> WorkTree::scan() {
  KON_TRY(std::vector<FileChange> changes, scan_everything());
  const auto is_left_out = [this](const FileChange& change) { return is_excluded(change.path); };
  changes.erase(std::remove_if(changes.begin(), changes.end(), is_left_out), changes.end());
  return changes;
}

// With the tracked files of the excluded folder; new ones there count as ignored.
Result<std::vector<FileChange>> WorkTree::scan_everything() {
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                  GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_UPDATE_INDEX |
                  GIT_DIFF_SKIP_BINARY_CHECK;
  Diff diff;
  KON_TRY_VOID(check(git_diff_index_to_workdir(receive(diff), repository(), index_.get(), &options),
                     "cannot look through " + quote(options_.top.native())));
  std::vector<FileChange> found;
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

Result<void> WorkTree::add_to_index(const std::vector<FileChange>& changes) {
  // What is gone goes first: a new file may stand where its directory was.
  for (const FileChange& change : changes)
    if (change.kind == ChangeKind::deleted)
      KON_TRY_VOID(check(git_index_remove(index_.get(), change.path.c_str(), 0),
                         "cannot record that " + quote(change.path) + " is gone"));
  for (const FileChange& change : changes)
    if (change.kind != ChangeKind::deleted)
      KON_TRY_VOID(check(git_index_add_bypath(index_.get(), change.path.c_str()),
                         "cannot record the file " + quote(change.path)));
  return {};
}

Result<git_oid> WorkTree::write_index_tree() {
  git_oid tree{};
  KON_TRY_VOID(check(git_index_write_tree(&tree, index_.get()), "cannot write a tree"));
  return tree;
}

Result<git_oid> WorkTree::capture(const git_oid& kept) {
  KON_TRY(const std::vector<FileChange> changes, scan());
  KON_TRY_VOID(add_to_index(changes));
  KON_TRY(const git_oid written, write_index_tree());
  KON_TRY(const git_oid tree, keep_excluded(written, kept));
  KON_TRY_VOID(write_index());
  return tree;
}

Result<git_oid> WorkTree::keep_excluded(const git_oid& tree, const git_oid& kept) {
  KON_TRY(const Tree ours, find_tree(repository(), tree));
  KON_TRY(const Tree theirs, find_tree(repository(), kept));
  TreeEntry present;
  TreeEntry wanted;
  const char* folder = options_.excluded.c_str();
  const bool is_present = git_tree_entry_bypath(receive(present), ours.get(), folder) == 0;
  const bool is_wanted = git_tree_entry_bypath(receive(wanted), theirs.get(), folder) == 0;
  const git_oid* present_id = is_present ? git_tree_entry_id(present.get()) : nullptr;
  const git_oid* wanted_id = is_wanted ? git_tree_entry_id(wanted.get()) : nullptr;
  if (is_present == is_wanted && (!is_present || *present_id == *wanted_id)) return tree;
  KON_TRY_VOID(check(git_index_remove_directory(index_.get(), folder, 0), "cannot edit an index"));
  Index source;
  KON_TRY_VOID(check(git_index_new(receive(source)), "cannot make an index"));
  KON_TRY_VOID(check(git_index_read_tree(source.get(), theirs.get()), "cannot read a tree"));
  for (std::size_t n = 0; n < git_index_entrycount(source.get()); ++n) {
    const git_index_entry* entry = git_index_get_byindex(source.get(), n);
    if (is_excluded(entry->path))
      KON_TRY_VOID(check(git_index_add(index_.get(), entry), "cannot edit an index"));
  }
  return write_index_tree();
}

Result<void> WorkTree::restore(const git_oid& tree) {
  KON_TRY_VOID(compare_with(tree));
  KON_TRY(std::vector<FileChange> changes, scan_everything());
  const auto others = std::stable_partition(changes.begin(), changes.end(), decides_ignoring);
  if (others != changes.begin()) {
    // What is ignored must be judged by the rules of the tree that comes back: an ignored file
    // stays even if the attempt dropped its rule.
    changes.erase(others, changes.end());
    KON_TRY_VOID(undo(tree, changes));
    git_attr_cache_flush(repository());
    KON_TRY(changes, scan_everything());
  }
  KON_TRY_VOID(undo(tree, changes));
  return write_index();
}

Result<void> WorkTree::undo(const git_oid& tree, const std::vector<FileChange>& changes) {
  std::vector<std::string> paths;
  for (const FileChange& change : changes) {
    if (change.kind != ChangeKind::added) {
      paths.push_back(change.path);
      continue;
    }
    const fs::path file = options_.top / change.path;
    KON_TRY_VOID(remove_path(file));
    remove_empty_directories(file.parent_path(), options_.top);
  }
  if (paths.empty()) return {};
  return check_out(tree, paths);
}

Result<void> WorkTree::purge() {
  KON_TRY_VOID(remove_path(options_.top / options_.excluded));
  // Repositories inside: with their files tracked, nothing else tells of them.
  std::error_code error;
  std::vector<fs::path> nested;
  for (fs::recursive_directory_iterator it(options_.top, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().filename() != ".git") continue;
    it.disable_recursion_pending();
    if (it.depth() > 0) nested.push_back(it->path());
  }
  for (const fs::path& path : nested)
    KON_TRY_VOID(remove_path(path));
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_INCLUDE_IGNORED |
                  GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_UPDATE_INDEX | GIT_DIFF_SKIP_BINARY_CHECK;
  Diff diff;
  KON_TRY_VOID(check(git_diff_index_to_workdir(receive(diff), repository(), index_.get(), &options),
                     "cannot look through " + quote(options_.top.native())));
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), n);
    if (delta->status != GIT_DELTA_UNTRACKED && delta->status != GIT_DELTA_IGNORED) continue;
    KON_TRY_VOID(remove_path((options_.top / delta->new_file.path).lexically_normal()));
  }
  return {};
}

Result<void> WorkTree::fill(const git_oid& tree) {
  KON_TRY_VOID(compare_with(tree));
  KON_TRY_VOID(check_out(tree, {}));
  return write_index();
}

Result<void> WorkTree::check_out(const git_oid& tree, const std::vector<std::string>& paths) {
  KON_TRY(const Tree baseline, find_tree(repository(), tree));
  std::vector<char*> pointers;
  for (const std::string& path : paths)
    pointers.push_back(const_cast<char*>(path.c_str()));  // libgit2 only reads them.
  git_checkout_options options = made_by(git_checkout_options_init);
  options.checkout_strategy = GIT_CHECKOUT_FORCE | GIT_CHECKOUT_RECREATE_MISSING |
                              GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH | GIT_CHECKOUT_DONT_WRITE_INDEX;
  options.paths.strings = pointers.data();
  options.paths.count = pointers.size();
  options.baseline = baseline.get();
  return check(git_checkout_index(repository(), index_.get(), &options),
               "cannot write files in " + quote(options_.top.native()));
}

Result<void> WorkTree::write_index() {
  return check(git_index_write(index_.get()),
               "cannot write " + quote(options_.index_file.native()));
}

}  // namespace konductor::platform::git
