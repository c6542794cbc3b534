// SPDX-License-Identifier: MIT
#include "platform/git_tree.hpp"

#include <git2/sys/repository.h>

#include <algorithm>
#include <set>

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
bool decides_ignoring(const std::string& path) {
  return fs::path(path).filename() == ".gitignore";
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

Result<KnownFiles::Paths> paths_between(git_repository* repository, const git_oid& one,
                                        const git_oid& other) {
  KON_TRY(const Tree from, find_tree(repository, one));
  KON_TRY(const Tree to, find_tree(repository, other));
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK;
  Diff diff;
  KON_TRY_VOID(
      check(git_diff_tree_to_tree(receive(diff), repository, from.get(), to.get(), &options),
            "cannot compare two trees"));
  KnownFiles::Paths paths;
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n)
    paths.emplace_back(git_diff_get_delta(diff.get(), n)->new_file.path);
  return paths;
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
  // Else the library would look into the index of the user's checkout.
  Index none;
  KON_TRY_VOID(check(git_index_new(receive(none)), what));
  KON_TRY_VOID(check(git_repository_set_index(repository.get(), none.get()), what));
  const std::string rules = options.ignore_rules + as_ignore_rule(options.excluded);
  KON_TRY_VOID(check(git_ignore_add_rule(repository.get(), rules.c_str()), what));
  return WorkTree(std::move(options), std::move(repository));
}

Result<void> WorkTree::open_index() {
  const std::string what = "cannot open the workspace " + quote(options_.top.native());
  int code = git_index_open(receive(index_), options_.index_file.c_str());
  if (code < 0) {
    // Only a cache: a damaged one is made anew.
    KON_TRY_VOID(remove_path(options_.index_file));
    code = git_index_open(receive(index_), options_.index_file.c_str());
  }
  KON_TRY_VOID(check(code, what));
  return check(git_repository_set_index(repository_.get(), index_.get()), what);
}

// It holds the tree that the files are compared with.
Result<git_index*> WorkTree::index() {
  if (index_.get() == nullptr) KON_TRY_VOID(open_index());
  if (is_compared_read_ || !compared_) return index_.get();
  KON_TRY(const git_oid present, write_index_tree());
  if (!(present == *compared_)) {
    KON_TRY(const Tree wanted, find_tree(repository(), *compared_));
    // What is known of files that both trees hold alike stays.
    KON_TRY_VOID(check(git_index_read_tree(index_.get(), wanted.get()), "cannot read a tree"));
  }
  is_compared_read_ = true;
  return index_.get();
}

bool WorkTree::is_excluded(std::string_view path) const {
  const std::string& folder = options_.excluded;
  return path.substr(0, folder.size()) == folder &&
         (path.size() == folder.size() || path[folder.size()] == '/');
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
    KON_TRY(const Paths between, paths_between(repository(), *known->tree(), *compared_));
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
  KON_TRY(git_index* const compared, index());
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                  GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_UPDATE_INDEX |
                  GIT_DIFF_SKIP_BINARY_CHECK;
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

Result<void> WorkTree::add_to_index(const std::vector<FileChange>& changes) {
  KON_TRY(git_index* const edited, index());
  // What is gone goes first: a new file may stand where its directory was.
  for (const FileChange& change : changes)
    if (change.kind == ChangeKind::deleted)
      KON_TRY_VOID(check(git_index_remove(edited, change.path.c_str(), 0),
                         "cannot record that " + quote(change.path) + " is gone"));
  for (const FileChange& change : changes)
    if (change.kind != ChangeKind::deleted)
      KON_TRY_VOID(check(git_index_add_bypath(edited, change.path.c_str()),
                         "cannot record the file " + quote(change.path)));
  return {};
}

Result<git_oid> WorkTree::write_index_tree() {
  git_oid tree{};
  KON_TRY_VOID(check(git_index_write_tree(&tree, index_.get()), "cannot write a tree"));
  return tree;
}

Result<git_oid> WorkTree::capture(const git_oid& kept) {
  KON_TRY(const std::optional<Paths> within, find_suspects());
  if (within && within->empty() && compared_ && *compared_ == kept) return kept;
  KON_TRY(std::vector<FileChange> changes, scan(within));
  const auto left_out =
      std::stable_partition(changes.begin(), changes.end(),
                            [this](const FileChange& change) { return !is_excluded(change.path); });
  std::set<std::string> differing;
  for (auto change = left_out; change != changes.end(); ++change)
    differing.insert(change->path);
  changes.erase(left_out, changes.end());
  KON_TRY_VOID(add_to_index(changes));
  KON_TRY(const git_oid written, write_index_tree());
  KON_TRY(const git_oid tree, keep_excluded(written, kept));
  KON_TRY_VOID(write_index());
  if (options_.known != nullptr && tree == written)
    options_.known->set_tree(tree, std::move(differing));
  else if (options_.known != nullptr)
    options_.known->forget();
  compare_with(tree);
  is_compared_read_ = true;
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
  compare_with(tree);
  KON_TRY(const std::optional<Paths> within, find_suspects());
  if (within && within->empty()) return {};
  KON_TRY(std::vector<FileChange> changes, scan(within));
  const auto others =
      std::stable_partition(changes.begin(), changes.end(),
                            [](const FileChange& change) { return decides_ignoring(change.path); });
  const bool are_rules_restored = others != changes.begin();
  if (are_rules_restored) {
    // What is ignored must be judged by the rules of the tree that comes back: an ignored file
    // stays even if the attempt dropped its rule.
    changes.erase(others, changes.end());
    KON_TRY_VOID(undo(tree, changes));
    git_attr_cache_flush(repository());
    KON_TRY(changes, scan(within));
  }
  KON_TRY_VOID(undo(tree, changes));
  KON_TRY_VOID(write_index());
  if (options_.known == nullptr) return {};
  // Directories that were ignored until now are not watched.
  if (are_rules_restored)
    options_.known->forget();
  else
    options_.known->set_tree(tree, {});
  return {};
}

Result<void> WorkTree::change(const git_oid& from, const git_oid& to) {
  if (!(from == to)) KON_TRY_VOID(write_difference(from, to));
  compare_with(to);
  know_all(to);
  return {};
}

Result<void> WorkTree::write_difference(const git_oid& from, const git_oid& to) {
  KON_TRY(const Tree present, find_tree(repository(), from));
  KON_TRY(const Tree wanted, find_tree(repository(), to));
  // Read from the wanted tree, so that what it lacks counts as added since.
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK;
  Diff diff;
  KON_TRY_VOID(check(
      git_diff_tree_to_tree(receive(diff), repository(), wanted.get(), present.get(), &options),
      "cannot compare two trees"));
  std::vector<FileChange> changes;
  std::vector<git_index_entry> wanted_entries;
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), n);
    changes.push_back(FileChange{kind_of(delta->status), delta->new_file.path});
    git_index_entry entry{};
    entry.path = delta->old_file.path;
    entry.mode = delta->old_file.mode;
    entry.id = delta->old_file.id;
    if (changes.back().kind != ChangeKind::added) wanted_entries.push_back(entry);
  }
  // Entry by entry: to read the whole tree would be most of the work. What goes makes room first.
  KON_TRY(git_index* const edited, index());
  for (const FileChange& change : changes)
    if (change.kind == ChangeKind::added)
      KON_TRY_VOID(check(git_index_remove(edited, change.path.c_str(), 0), "cannot edit an index"));
  for (const git_index_entry& entry : wanted_entries)
    KON_TRY_VOID(check(git_index_add(edited, &entry), "cannot edit an index"));
  KON_TRY_VOID(undo(to, changes));
  return write_index();
}

Result<void> WorkTree::undo(const git_oid& tree, const std::vector<FileChange>& changes) {
  Paths paths;
  for (const FileChange& change : changes) {
    // First out of the way: a checkout writes through a link, and takes a file for the one that was
    // there when its times are the same.
    KON_TRY_VOID(remove_path(options_.top / shortest_that_is_no_directory(change.path)));
    if (change.kind == ChangeKind::added)
      remove_empty_directories((options_.top / change.path).parent_path(), options_.top);
    else
      paths.push_back(change.path);
  }
  if (paths.empty()) return {};
  return check_out(tree, paths);
}

// The path, or what of it is a link or a file: what is behind that is not of this tree.
fs::path WorkTree::shortest_that_is_no_directory(const fs::path& path) const {
  std::error_code error;
  fs::path found;
  for (const fs::path& name : path) {
    found /= name;
    const fs::file_status status = fs::symlink_status(options_.top / found, error);
    if (fs::exists(status) && !fs::is_directory(status)) return found;
  }
  return path;
}

Result<void> WorkTree::purge() {
  std::optional<Paths> within;
  if (options_.known != nullptr) within = options_.known->touched(skips());
  if (within && within->empty()) return {};
  KON_TRY(git_index* const tracked, index());
  if (!within) KON_TRY_VOID(purge_below(*tracked, ""));
  for (const std::string& path : within.value_or(Paths()))
    if (shortest_that_is_no_directory(path) == path) {
      KON_TRY_VOID(purge_at(*tracked, path));
      remove_empty_directories((options_.top / path).parent_path(), options_.top);
    }
  if (options_.known != nullptr) options_.known->set_pure();
  return {};
}

Result<void> WorkTree::purge_below(git_index& tracked, const fs::path& directory) {
  std::error_code error;
  Paths found;
  for (fs::directory_iterator it(options_.top / directory, error), end; !error && it != end;
       it.increment(error))
    if (!directory.empty() || it->path().filename() != ".git")
      found.push_back(directory / it->path().filename());
  if (error) return error_from_errno(error.value(), quote((options_.top / directory).native()));
  for (const std::string& path : found)
    KON_TRY_VOID(purge_at(tracked, path));
  return {};
}

Result<void> WorkTree::purge_at(git_index& tracked, const std::string& path) {
  std::error_code error;
  const git_index_entry* const entry = git_index_get_bypath(&tracked, path.c_str(), 0);
  const bool is_submodule = entry != nullptr && entry->mode == GIT_FILEMODE_COMMIT;
  const bool is_directory = fs::is_directory(fs::symlink_status(options_.top / path, error));
  const bool has_tracked = git_index_find_prefix(nullptr, &tracked, (path + "/").c_str()) == 0;
  if (is_directory && (has_tracked || is_submodule)) return purge_below(tracked, path);
  if (entry != nullptr && !is_directory) return {};
  return remove_path(options_.top / path);
}

Result<void> WorkTree::fill(const git_oid& tree) {
  compare_with(tree);
  KON_TRY_VOID(check_out(tree, {}));
  KON_TRY_VOID(write_index());
  know_all(tree);
  return {};
}

// The files are those of the tree, and nobody else has been here yet.
void WorkTree::know_all(const git_oid& tree) {
  if (options_.known == nullptr) return;
  options_.known->forget();
  options_.known->suspects(skips());
  options_.known->set_tree(tree, {});
  options_.known->set_pure();
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
  KON_TRY(git_index* const wanted, index());
  return check(git_checkout_index(repository(), wanted, &options),
               "cannot write files in " + quote(options_.top.native()));
}

Result<void> WorkTree::write_index() {
  return check(git_index_write(index_.get()),
               "cannot write " + quote(options_.index_file.native()));
}

}  // namespace konductor::platform::git
