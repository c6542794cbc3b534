// SPDX-License-Identifier: MIT
#include "platform/git_user_checkout.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include <git2/sys/repository.h>

#include "base/text.hpp"
#include "platform/git_compare.hpp"
#include "platform/git_files.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

bool is_below(std::string_view path, const std::string& folder) {
  return path.substr(0, folder.size()) == folder &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

// The first path of a difference outside `folder`, or "".
std::string first_path(const Diff& diff, const std::string& folder) {
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    const char* path = git_diff_get_delta(diff.get(), n)->new_file.path;
    if (!is_below(path, folder)) return path;
  }
  return "";
}

bool is_set(git_repository* repository, const char* key, bool otherwise) {
  Config config;
  int value = 0;
  if (git_repository_config_snapshot(receive(config), repository) < 0 ||
      git_config_get_bool(&value, config.get(), key) < 0) {
    git_error_clear();
    return otherwise;
  }
  return value != 0;
}

// A file of a commit as it would be on disk.
struct Stored {
  std::string text;
  bool is_link = false;
  bool is_executable = false;
};

// Nothing when the commit has no such file.
Result<std::optional<Stored>> stored_file(git_repository* repository, const git_oid& commit,
                                          const std::string& path) {
  KON_TRY(const Commit found, find_commit(repository, commit));
  KON_TRY(const Tree tree, tree_of(found));
  TreeEntry entry;
  Blob blob;
  if (git_tree_entry_bypath(receive(entry), tree.get(), path.c_str()) < 0 ||
      git_blob_lookup(receive(blob), repository, git_tree_entry_id(entry.get())) < 0) {
    git_error_clear();
    return std::optional<Stored>();
  }
  Stored stored;
  stored.is_link = git_tree_entry_filemode(entry.get()) == GIT_FILEMODE_LINK;
  stored.is_executable = git_tree_entry_filemode(entry.get()) == GIT_FILEMODE_BLOB_EXECUTABLE;
  if (stored.is_link) {
    const auto* text = static_cast<const char*>(git_blob_rawcontent(blob.get()));
    stored.text.assign(text, static_cast<std::size_t>(git_blob_rawsize(blob.get())));
    return std::optional(std::move(stored));
  }
  git_blob_filter_options options = made_by(git_blob_filter_options_init);
  options.flags &= ~static_cast<std::uint32_t>(GIT_BLOB_FILTER_CHECK_FOR_BINARY);
  git_buf text = GIT_BUF_INIT;
  const int code = git_blob_filter(&text, blob.get(), path.c_str(), &options);
  if (code == 0) stored.text.assign(text.ptr, text.size);
  git_buf_dispose(&text);
  KON_TRY_VOID(check(code, "cannot read " + quote(path)));
  return std::optional(std::move(stored));
}

std::string text_on_disk(const fs::path& file) {
  std::error_code error;
  if (fs::is_symlink(fs::symlink_status(file, error)))
    return fs::read_symlink(file, error).native();
  return read_text(file).value_or("");
}

bool is_as_stored(const fs::path& file, const std::optional<Stored>& stored, bool has_modes) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(file, error);
  if (!fs::exists(status)) return !stored;
  if (!stored || fs::is_symlink(status) != stored->is_link) return false;
  if (!stored->is_link && !fs::is_regular_file(status)) return false;
  const bool is_executable =
      (status.permissions() & fs::perms::owner_exec) != fs::perms::none && !stored->is_link;
  return text_on_disk(file) == stored->text &&
         (!has_modes || is_executable == stored->is_executable);
}

}  // namespace

std::string UserCheckout::busy_reason() const {
  if (git_repository_state(repository_) != GIT_REPOSITORY_STATE_NONE)
    return "a merge or rebase is under way in the working tree " + quote(layout_.top.native());
  std::error_code error;
  const fs::path& lock = index_.path();
  if (fs::exists(lock, error))
    return quote(lock.native()) + " exists: another git command is running, or one was killed";
  return "";
}

bool UserCheckout::is_sparse() const {
  return is_set(repository_, "core.sparseCheckout", false);
}

std::string UserCheckout::strangeness() const {
  if (is_sparse()) return " is a sparse checkout";
  Index index;
  if (git_index_open(receive(index), (layout_.git_directory / "index").c_str()) == 0) return "";
  git_error_clear();
  return " has an index of a kind that only the git program reads";
}

Result<std::string> UserCheckout::dirty_path(const git_oid& commit) {
  Index index;
  KON_TRY_VOID(check(git_repository_index(receive(index), repository_), "cannot read the index"));
  if (git_index_has_conflicts(index.get()) != 0) return std::string("(conflicts)");
  KON_TRY(const git_oid tree_id, tree_id_of(repository_, commit));
  KON_TRY(const Tree tree, find_tree(repository_, tree_id));
  git_diff_options options = made_by(git_diff_options_init);
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_IGNORE_SUBMODULES;
  Diff staged;
  KON_TRY_VOID(
      check(git_diff_tree_to_index(receive(staged), repository_, tree.get(), index.get(), &options),
            "cannot compare the index"));
  std::string path = first_path(staged, layout_.project_folder());
  if (!path.empty()) return path;
  Diff changed;
  KON_TRY_VOID(
      check(git_diff_index_to_workdir(receive(changed), repository_, index.get(), &options),
            "cannot look through the working tree"));
  return first_path(changed, layout_.project_folder());
}

Result<UserCheckout::Difference> UserCheckout::between(const git_oid& from,
                                                       const git_oid& to) const {
  // A change of kind counts as two: a submodule that becomes a file is in both lists.
  KON_TRY(const Diff diff, compare_commits(repository_, from, to, made_by(git_diff_options_init)));
  Difference found;
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), n);
    const bool is_submodule =
        delta->old_file.mode == GIT_FILEMODE_COMMIT || delta->new_file.mode == GIT_FILEMODE_COMMIT;
    (is_submodule ? found.submodules : found.files).emplace_back(delta->new_file.path);
  }
  return found;
}

Result<bool> UserCheckout::holds(const std::vector<std::string>& files,
                                 const git_oid& commit) const {
  const bool has_modes = is_set(repository_, "core.fileMode", true);
  for (const std::string& file : files) {
    KON_TRY(const std::optional<Stored> stored, stored_file(repository_, commit, file));
    if (!is_as_stored(layout_.top / file, stored, has_modes)) return false;
  }
  return true;
}

Result<std::vector<std::string>> UserCheckout::edited(const std::vector<std::string>& files,
                                                      const git_oid& from,
                                                      const git_oid& to) const {
  std::vector<std::string> found;
  for (const std::string& file : files) {
    KON_TRY(const bool is_ours, may_be_cut_off(file, files, from, to));
    if (!is_ours) found.push_back(file);
  }
  return found;
}

// After a kill a file may be old, new, missing or half-written; anything else is a person's work.
Result<bool> UserCheckout::may_be_cut_off(const std::string& file,
                                          const std::vector<std::string>& files,
                                          const git_oid& from, const git_oid& to) const {
  std::error_code error;
  const fs::path path = layout_.top / file;
  const fs::file_status status = fs::symlink_status(path, error);
  if (!fs::exists(status)) return true;
  if (fs::is_directory(status)) return holds_only(path, files);
  const std::string now = text_on_disk(path);
  KON_TRY(const std::optional<Stored> before, stored_file(repository_, from, file));
  KON_TRY(const std::optional<Stored> after, stored_file(repository_, to, file));
  return (before && now == before->text) || (after && after->text.compare(0, now.size(), now) == 0);
}

// Whether all files in a directory are among those that the update writes or removes.
bool UserCheckout::holds_only(const fs::path& directory,
                              const std::vector<std::string>& files) const {
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string path = it->path().lexically_relative(layout_.top);
    if (!fs::is_directory(it->symlink_status(error)) &&
        std::find(files.begin(), files.end(), path) == files.end())
      return false;
  }
  return !error;
}

Result<void> UserCheckout::update(const git_oid& commit, WithIndex with_index) {
  git_checkout_options options = made_by(git_checkout_options_init);
  // Fails before it touches anything when an untracked or ignored file is in the way.
  options.checkout_strategy = GIT_CHECKOUT_SAFE | GIT_CHECKOUT_DONT_OVERWRITE_IGNORED;
  if (with_index == WithIndex::no) options.checkout_strategy |= GIT_CHECKOUT_DONT_UPDATE_INDEX;
  return check_out(commit, options, with_index);
}

Result<void> UserCheckout::put(const git_oid& commit, const std::vector<std::string>& files) {
  if (files.empty()) return {};
  std::vector<char*> pointers;
  for (const std::string& file : files)
    pointers.push_back(const_cast<char*>(file.c_str()));  // libgit2 only reads them.
  git_checkout_options options = made_by(git_checkout_options_init);
  options.checkout_strategy = GIT_CHECKOUT_FORCE | GIT_CHECKOUT_RECREATE_MISSING |
                              GIT_CHECKOUT_REMOVE_UNTRACKED | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
  options.paths.strings = pointers.data();
  options.paths.count = pointers.size();
  return check_out(commit, options, WithIndex::yes, files);
}

// A checkout passes over what neither HEAD nor the commit nor the files know: what only an index
// that could not be replaced before still lists.
static int forget_missing(git_index* index, const git_tree* tree,
                          const std::vector<std::string>& files) {
  bool has_changed = false;
  for (const std::string& file : files) {
    TreeEntry entry;
    if (git_tree_entry_bypath(receive(entry), tree, file.c_str()) != GIT_ENOTFOUND) continue;
    if (git_index_remove(index, file.c_str(), 0) == 0) has_changed = true;
  }
  git_error_clear();
  return has_changed ? git_index_write(index) : 0;
}

// With the user's index locked, so that no other git program works on the files meanwhile.
Result<void> UserCheckout::check_out(const git_oid& commit, git_checkout_options& options,
                                     WithIndex with_index, const std::vector<std::string>& files) {
  KON_TRY(const Commit found, find_commit(repository_, commit));
  KON_TRY(const git_oid tree_id, tree_id_of(repository_, commit));
  KON_TRY(const Tree tree, find_tree(repository_, tree_id));
  KON_TRY_VOID(index_.take());
  Index index;
  int code = git_index_open(receive(index), index_.copy().c_str());
  if (code == 0) code = git_repository_set_index(repository_, index.get());
  if (code == 0)
    code =
        git_checkout_tree(repository_, reinterpret_cast<const git_object*>(found.get()), &options);
  if (code == 0) code = forget_missing(index.get(), tree.get(), files);
  Result<void> done = check(code, "the working tree cannot be updated");
  git_repository_set_index(repository_, nullptr);
  if (done && with_index == WithIndex::yes) done = index_.commit();
  index_.release();
  return done;
}

Result<git_oid> UserCheckout::record(const git_oid& commit, const std::vector<std::string>& files) {
  KON_TRY(const git_oid tree_id, tree_id_of(repository_, commit));
  KON_TRY(const Tree tree, find_tree(repository_, tree_id));
  Index index;
  KON_TRY_VOID(check(git_index_new(receive(index)), "cannot make an index"));
  KON_TRY_VOID(check(git_index_read_tree(index.get(), tree.get()), "cannot read a tree"));
  for (const std::string& file : files) {
    struct stat status = {};
    git_index_entry entry = {};
    entry.path = file.c_str();
    if (::lstat((layout_.top / file).c_str(), &status) < 0 ||
        !(S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)))
      continue;
    entry.mode = S_ISLNK(status.st_mode)            ? GIT_FILEMODE_LINK
                 : (status.st_mode & S_IXUSR) != 0U ? GIT_FILEMODE_BLOB_EXECUTABLE
                                                    : GIT_FILEMODE_BLOB;
    KON_TRY_VOID(check(git_blob_create_from_workdir(&entry.id, repository_, file.c_str()),
                       "cannot keep " + quote(file)));
    KON_TRY_VOID(check(git_index_add(index.get(), &entry), "cannot keep " + quote(file)));
  }
  git_oid kept{};
  KON_TRY_VOID(
      check(git_index_write_tree_to(&kept, index.get(), repository_), "cannot write a tree"));
  KON_TRY(const Signature identity, find_identity(repository_));
  return write_commit(repository_, *identity,
                      CommitParts{kept, {commit}, "Changed while the result was brought home\n"});
}

}  // namespace konductor::platform::git
