// SPDX-License-Identifier: MIT
#include "platform/git_delivery.hpp"

#include <git2/sys/repository.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;
using ports::Delivery;

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

bool is_sparse(git_repository* repository) {
  Config config;
  int value = 0;
  return git_repository_config_snapshot(receive(config), repository) == 0 &&
         git_config_get_bool(&value, config.get(), "core.sparseCheckout") == 0 && value != 0;
}

// The blob of a path in a commit as it would be on disk; nothing when the commit has none.
Result<std::optional<std::string>> file_text(git_repository* repository, const git_oid& commit,
                                             const std::string& path) {
  KON_TRY(const Commit found, find_commit(repository, commit));
  KON_TRY(const Tree tree, tree_of(found));
  TreeEntry entry;
  Blob blob;
  if (git_tree_entry_bypath(receive(entry), tree.get(), path.c_str()) < 0 ||
      git_blob_lookup(receive(blob), repository, git_tree_entry_id(entry.get())) < 0) {
    git_error_clear();
    return std::optional<std::string>();
  }
  git_blob_filter_options options = made_by(git_blob_filter_options_init);
  git_buf text = GIT_BUF_INIT;
  const int code = git_blob_filter(&text, blob.get(), path.c_str(), &options);
  std::optional<std::string> result;
  if (code == 0) result.emplace(text.ptr, text.size);
  git_buf_dispose(&text);
  KON_TRY_VOID(check(code, "cannot read " + quote(path)));
  return result;
}

}  // namespace

Result<Delivery> DeliveryRun::run() {
  const std::string integration = branch_name(names_.integration);
  command_ = "git merge --ff-only " + integration;
  KON_TRY(const std::optional<git_oid> result, read_ref(repository_, names_.integration));
  if (!result)
    return Error{ErrorCode::not_found, "there is no branch " + quote(integration) + " to deliver"};
  result_ = *result;
  index_.clear();
  KON_TRY_VOID(look_for_interrupted());
  target_ = read_note(repository_, names_.target);
  if (target_.empty()) return refused("the phase was started without a branch (detached HEAD)");
  KON_TRY(const std::optional<git_oid> user, read_ref(repository_, target_));
  if (!user) return refused("the branch " + quote(branch_name(target_)) + " is gone");
  user_ = *user;
  KON_TRY(const bool is_home, is_ancestor(repository_, result_, user_));
  if (is_home) {
    KON_TRY_VOID(remove_ref(repository_, names_.delivering));
    return delivered();
  }
  KON_TRY(const bool is_forward, is_ancestor(repository_, user_, result_));
  if (!is_forward) {
    command_ = "git merge " + integration;
    return refused("the branch " + quote(branch_name(target_)) + " has moved on meanwhile");
  }
  if (symbolic_target(repository_, "HEAD") == target_) return move_checkout();
  return move_branch_only();
}

Result<void> DeliveryRun::look_for_interrupted() {
  KON_TRY(const std::optional<git_oid> begun, read_ref(repository_, names_.delivering));
  was_interrupted_ = begun && *begun == result_;
  if (begun && !was_interrupted_) return remove_ref(repository_, names_.delivering);
  return {};
}

Delivery DeliveryRun::refused(const std::string& why) const {
  return Delivery{false, why, command_};
}

Delivery DeliveryRun::delivered() const {
  return Delivery{
      true, quote(branch_name(target_)) + " holds the result, commit " + short_hex(result_), ""};
}

Result<Delivery> DeliveryRun::move_branch_only() {
  Reference branch;
  KON_TRY_VOID(check(git_reference_lookup(receive(branch), repository_, target_.c_str()),
                     "cannot read the branch " + quote(branch_name(target_))));
  const std::string name = branch_name(target_);
  command_ = "git fetch . " + branch_name(names_.integration) + ":" + name;
  if (git_branch_is_checked_out(branch.get()) == 1) {
    command_ = "git merge --ff-only " + branch_name(names_.integration);
    return refused("the branch " + quote(name) + " is checked out in another work tree");
  }
  KON_TRY_VOID(begin());
  const Result<void> moved = move_branch();
  KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  KON_TRY_VOID(moved);
  return delivered();
}

Result<Delivery> DeliveryRun::move_checkout() {
  std::string reason = reason_to_wait();
  if (reason.empty()) {
    KON_TRY(reason, finish_interrupted());
  }
  if (reason.empty()) {
    KON_TRY(reason, dirt());
  }
  if (!reason.empty()) return refused(reason);
  KON_TRY(reason, update_files());
  if (!reason.empty()) return refused(reason);
  const Result<void> moved = move_branch();
  if (!moved) {
    // Somebody committed this instant: the files go back to what they were.
    KON_TRY(const std::vector<std::string> paths, update_paths());
    KON_TRY_VOID(force_files(user_, paths));
    KON_TRY_VOID(remove_ref(repository_, names_.delivering));
    return refused(moved.error().message);
  }
  KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  return delivered();
}

std::string DeliveryRun::reason_to_wait() const {
  const std::string name = quote(branch_name(target_));
  if (git_repository_state(repository_) != GIT_REPOSITORY_STATE_NONE)
    return "a merge or rebase is under way in the working tree of " + name;
  std::error_code error;
  const fs::path lock = layout_.git_directory / "index.lock";
  if (fs::exists(lock, error))
    return quote(lock.native()) + " exists: another git command is running, or one was killed";
  if (is_sparse(repository_)) return "the working tree of " + name + " is a sparse checkout";
  return "";
}

Result<std::string> DeliveryRun::dirt() {
  KON_TRY(const std::string path, dirty_path());
  if (path.empty()) return path;
  return "the working tree of " + quote(branch_name(target_)) +
         " is not clean: " + quote(layout_.to_project(path));
}

Result<std::string> DeliveryRun::dirty_path() {
  Index index;
  KON_TRY_VOID(check(git_repository_index(receive(index), repository_), "cannot read the index"));
  if (git_index_has_conflicts(index.get()) != 0) return std::string("(conflicts)");
  KON_TRY(const git_oid tree_id, tree_id_of(repository_, user_));
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

Result<std::vector<std::string>> DeliveryRun::update_paths() {
  KON_TRY(const git_oid old_id, tree_id_of(repository_, user_));
  KON_TRY(const git_oid new_id, tree_id_of(repository_, result_));
  KON_TRY(const Tree old_tree, find_tree(repository_, old_id));
  KON_TRY(const Tree new_tree, find_tree(repository_, new_id));
  git_diff_options options = made_by(git_diff_options_init);
  Diff diff;
  KON_TRY_VOID(check(
      git_diff_tree_to_tree(receive(diff), repository_, old_tree.get(), new_tree.get(), &options),
      "cannot compare two commits"));
  std::vector<std::string> paths;
  for (std::size_t n = 0; n < git_diff_num_deltas(diff.get()); ++n)
    paths.emplace_back(git_diff_get_delta(diff.get(), n)->new_file.path);
  return paths;
}

// Whether all files in a directory are among those that the update writes or removes.
bool DeliveryRun::holds_only(const fs::path& directory,
                             const std::vector<std::string>& paths) const {
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string path = it->path().lexically_relative(layout_.top);
    if (!fs::is_directory(it->symlink_status(error)) &&
        std::find(paths.begin(), paths.end(), path) == paths.end())
      return false;
  }
  return !error;
}

// After a kill a file may be old, new, missing or half-written; anything else is a person's work.
Result<bool> DeliveryRun::may_finish(const std::string& path,
                                     const std::vector<std::string>& paths) {
  std::error_code error;
  const fs::path file = layout_.top / path;
  const fs::file_status status = fs::symlink_status(file, error);
  if (!fs::exists(status)) return true;
  if (fs::is_directory(status)) return holds_only(file, paths);
  const std::string now = fs::is_symlink(status) ? fs::read_symlink(file, error).native()
                                                 : read_text(file).value_or("");
  KON_TRY(const std::optional<std::string> before, file_text(repository_, user_, path));
  KON_TRY(const std::optional<std::string> after, file_text(repository_, result_, path));
  return now == before || (after && after->compare(0, now.size(), now) == 0);
}

Result<std::string> DeliveryRun::finish_interrupted() {
  if (!was_interrupted_) return std::string();
  // Begun with a clean tree and this very result, so these paths are known to be the engine's.
  KON_TRY(const std::vector<std::string> paths, update_paths());
  for (const std::string& path : paths) {
    KON_TRY(const bool is_ours, may_finish(path, paths));
    if (!is_ours)
      return "an update of the working tree was interrupted, and " +
             quote(layout_.to_project(path)) + " has been edited since";
  }
  KON_TRY_VOID(force_files(user_, paths));
  return std::string();
}

Result<std::string> DeliveryRun::update_files() {
  KON_TRY_VOID(begin());
  git_checkout_options options = made_by(git_checkout_options_init);
  // Fails before it touches anything when an untracked or ignored file is in the way.
  options.checkout_strategy = GIT_CHECKOUT_SAFE | GIT_CHECKOUT_DONT_OVERWRITE_IGNORED;
  const Result<void> done = check_out(result_, options);
  if (done) return std::string();
  const Error& error = done.error();
  const bool is_untouched =
      error.code == ErrorCode::conflict || error.code == ErrorCode::already_exists;
  if (is_untouched) KON_TRY_VOID(remove_ref(repository_, names_.delivering));
  if (error.code == ErrorCode::conflict)
    return "files that git does not track are in the way (" + error.message + ")";
  return error.message;
}

// With the user's index locked, so that no other git program works on the files meanwhile.
Result<void> DeliveryRun::check_out(const git_oid& commit, git_checkout_options& options) {
  KON_TRY(const Commit found, find_commit(repository_, commit));
  KON_TRY_VOID(index_.take());
  Index index;
  int code = git_index_open(receive(index), index_.copy().c_str());
  if (code == 0) code = git_repository_set_index(repository_, index.get());
  if (code == 0)
    code =
        git_checkout_tree(repository_, reinterpret_cast<const git_object*>(found.get()), &options);
  Result<void> done = check(code, "the working tree cannot be updated");
  git_repository_set_index(repository_, nullptr);
  if (done) done = index_.commit();
  index_.release();
  return done;
}

Result<void> DeliveryRun::force_files(const git_oid& commit,
                                      const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  std::vector<char*> pointers;
  for (const std::string& path : paths)
    pointers.push_back(const_cast<char*>(path.c_str()));  // libgit2 only reads them.
  git_checkout_options options = made_by(git_checkout_options_init);
  options.checkout_strategy = GIT_CHECKOUT_FORCE | GIT_CHECKOUT_RECREATE_MISSING |
                              GIT_CHECKOUT_REMOVE_UNTRACKED | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
  options.paths.strings = pointers.data();
  options.paths.count = pointers.size();
  return check_out(commit, options);
}

// Written before anything of the user's is touched: tells a later run what was under way.
Result<void> DeliveryRun::begin() {
  return write_ref(repository_, names_.delivering, result_, "update the user's files");
}

Result<void> DeliveryRun::move_branch() {
  if (was_interrupted_) remove_dead_lock(layout_.common_directory / (target_ + ".lock"), result_);
  const Result<void> moved = write_ref(repository_, target_, result_,
                                       "deliver " + branch_name(names_.integration), &user_);
  if (moved || moved.error().code != ErrorCode::conflict) return moved;
  return Error{ErrorCode::conflict,
               "the branch " + quote(branch_name(target_)) + " was moved at the same time"};
}

}  // namespace konductor::platform::git
