// SPDX-License-Identifier: MIT
#include "platform/git_worktree.hpp"

#include <unistd.h>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_overlays.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

// Git leaves files that it does not know alone.
constexpr const char* kReadyFile = "konductor-ready";
constexpr const char* kPooledFile = "konductor-pooled";
constexpr const char* kFreshFile = "konductor-fresh";
constexpr const char* kIndexFile = "konductor-index";
constexpr const char* kIndexedFile = "konductor-indexed";
constexpr const char* kOverlayFile = "konductor-overlay";
constexpr const char* kLockedFile = "locked";  // git's: it then leaves all of it alone.
constexpr std::string_view kWhyLocked =
    "its files are in an overlay of konductor's until the run has ended\n";

// What is kept of an index that was written for programs in the tree: what it holds, the engine's
// own that it was made from, and itself.
std::string index_note(const git_oid& tree, const fs::path& own, const fs::path& file) {
  return hex(tree) + " " + stamp_of(own) + "; " + stamp_of(file) + "\n";
}

bool has_nothing(const fs::path& directory) {
  std::error_code error;
  return !is_there(directory) || (fs::is_empty(directory, error) && !error);
}

// What a merge, a rebase and the like leave until they end.
constexpr const char* kUnfinished[] = {
    "MERGE_HEAD",   "MERGE_MSG",    "MERGE_MODE", "CHERRY_PICK_HEAD", "REVERT_HEAD", "AUTO_MERGE",
    "rebase-merge", "rebase-apply", "sequencer",  "BISECT_LOG",       "BISECT_START"};

}  // namespace

PlanWorktree::PlanWorktree(const Layout& layout, const fs::path& parent, const std::string& name,
                           std::string branch)
    : common_directory_(layout.common_directory),
      excluded_(layout.project_folder()),
      admin_(common_directory_ / "worktrees" / name),
      directory_(parent / name),
      overlay_(directory_),
      branch_(std::move(branch)) {
  // It may have been made when the setting of where they go was another.
  const auto linked = read_text(admin_ / "gitdir");
  if (is_there(directory_) || !linked || !is_plan_worktree(admin_)) return;
  const fs::path elsewhere = fs::path(std::string(trim(*linked))).parent_path();
  // A repository that was copied still names the trees of the one it was copied from.
  const OverlayTree overlay(elsewhere);
  if (read_text(elsewhere / ".git") != "gitdir: " + admin_.native() + "\n" &&
      overlay.owner() != admin_.native())
    return;
  directory_ = elsewhere;
  overlay_ = overlay;
}

PlanWorktree::PlanWorktree(const Layout& layout, fs::path directory, const std::string& name)
    : common_directory_(layout.common_directory),
      excluded_(layout.project_folder()),
      admin_(common_directory_ / "worktrees" / name),
      directory_(std::move(directory)),
      overlay_(directory_) {}

fs::path PlanWorktree::index_file() const {
  return admin_ / kIndexFile;
}

bool is_plan_worktree(const fs::path& admin) {
  return is_there(admin / kReadyFile) || is_there(admin / kPooledFile);
}

PlanWorktree::State PlanWorktree::state() const {
  // What a person removed of an overlay is not what it is made of.
  const bool is_lost =
      is_there(admin_ / kOverlayFile) && !is_overlay() && !is_there(directory_ / ".git");
  const bool has_files = is_overlay() || (is_there(directory_) && !is_lost);
  if (is_there(admin_ / kReadyFile)) return has_files ? State::ready : State::missing;
  const std::string own_link = "gitdir: " + admin_.native() + "\n";
  if (!is_there(admin_))
    return has_files && read_text(directory_ / ".git") == own_link ? State::unlinked
                                                                   : State::missing;
  // Taken out of a pool, and its files did not follow.
  if (is_there(admin_ / kPooledFile)) return State::missing;
  const auto linked = read_text(admin_ / "gitdir");
  const fs::path other(std::string(trim(linked.value_or(""))));
  const bool is_foreign = !other.empty() && other != directory_ / ".git" && is_there(other);
  return is_foreign ? State::foreign : State::missing;
}

Result<void> PlanWorktree::make_directories() const {
  for (const fs::path& path : {admin_, directory_}) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) return error_from_errno(error.value(), "cannot make " + quote(path.native()));
  }
  return {};
}

Result<void> PlanWorktree::create(git_repository* repository, const git_oid& commit) const {
  KON_TRY(const git_oid tree, tree_id_of(repository, commit));
  KON_TRY_VOID(link());
  KON_TRY(WorkTree made, files());
  KON_TRY_VOID(made.fill(tree));
  KON_TRY_VOID(settle());
  KON_TRY_VOID(bring_index(repository, commit));
  KON_TRY_VOID(write_text(admin_ / kFreshFile, ""));
  // From here on it is whole: a crash before this makes it anew.
  return write_text(admin_ / kReadyFile, "");
}

Result<void> PlanWorktree::create_over(const OverlayBase& base, git_repository* repository,
                                       const git_oid& commit) const {
  KON_TRY(const git_oid wanted, tree_id_of(repository, commit));
  KON_TRY(const git_oid present, tree_id_of(repository, base.commit));
  KON_TRY_VOID(overlay_.make(base.files()));
  KON_TRY_VOID(link());
  // What is known of the base's files holds for the same files here.
  const auto known = read_text(base.index_file());
  if (known) KON_TRY_VOID(write_text(index_file(), *known));
  KON_TRY(WorkTree made, files());
  KON_TRY_VOID(made.change(present, wanted));
  KON_TRY_VOID(settle());
  KON_TRY_VOID(bring_index(repository, commit));
  KON_TRY_VOID(mark_overlay());
  KON_TRY_VOID(overlay_.finish(base.files(), admin_.native()));
  KON_TRY_VOID(write_text(admin_ / kFreshFile, ""));
  return write_text(admin_ / kReadyFile, "");
}

Result<void> PlanWorktree::mount() const {
  if (known_ != nullptr && overlay_.is_bare()) known_->forget(directory_);
  return overlay_.mount();
}

Result<void> PlanWorktree::materialise() const {
  if (known_ != nullptr && is_overlay()) known_->forget(directory_);
  if (is_overlay()) KON_TRY_VOID(overlay_.materialise());
  // Where its files are lost, the mark says so.
  if (!is_there(admin_ / kOverlayFile) || !is_there(directory_ / ".git")) return {};
  if (read_text(admin_ / kLockedFile) == kWhyLocked)
    KON_TRY_VOID(remove_path(admin_ / kLockedFile));
  return remove_path(admin_ / kOverlayFile);
}

Result<void> PlanWorktree::check_not_bare() const {
  if (!overlay_.is_bare()) return {};
  return Error{ErrorCode::environment,
               "the files of " + quote(directory_.native()) +
                   " are in an overlay that is not mounted: run `konductor execute` again"};
}

Result<void> PlanWorktree::adopt() const {
  KON_TRY_VOID(link());
  if (is_overlay()) KON_TRY_VOID(mark_overlay());
  return write_text(admin_ / kReadyFile, "");
}

Result<void> PlanWorktree::mark_overlay() const {
  KON_TRY_VOID(ensure_text(admin_ / kLockedFile, kWhyLocked));
  return ensure_text(admin_ / kOverlayFile, "");
}

Result<void> PlanWorktree::move_to(const PlanWorktree& other) const {
  KON_TRY_VOID(write_text(admin_ / kPooledFile, ""));
  mark_unfinished();
  // In this order, so that a crash leaves the files where trash is, or where they can be adopted.
  for (const auto& [from, to] : {std::pair(admin_, other.admin_), {directory_, other.directory_}}) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) return error_from_errno(error.value(), "cannot move " + quote(from.native()));
  }
  if (known_ != nullptr) known_->move(directory_, other.directory_);
  return other.link();
}

Result<void> PlanWorktree::refill(git_repository* repository, const git_oid& commit) const {
  KON_TRY(const git_oid tree, tree_id_of(repository, commit));
  KON_TRY_VOID(repair());
  KON_TRY(WorkTree found, files());
  KON_TRY_VOID(found.restore(tree));
  KON_TRY_VOID(found.purge());
  KON_TRY_VOID(settle());
  KON_TRY_VOID(bring_index(repository, commit));
  KON_TRY_VOID(write_text(admin_ / kFreshFile, ""));
  KON_TRY_VOID(write_text(admin_ / kReadyFile, ""));
  return remove_path(admin_ / kPooledFile);
}

void PlanWorktree::mark_unfinished() const {
  ::unlink((admin_ / kReadyFile).c_str());
}

Result<void> PlanWorktree::link() const {
  KON_TRY_VOID(check_not_bare());
  KON_TRY_VOID(ensure_text(admin_ / "commondir", "../..\n"));
  KON_TRY_VOID(ensure_text(admin_ / "gitdir", (directory_ / ".git").native() + "\n"));
  const std::string own_link = "gitdir: " + admin_.native() + "\n";
  if (read_text(directory_ / ".git") != own_link) {
    KON_TRY_VOID(remove_path(directory_ / ".git"));
    KON_TRY_VOID(write_text(directory_ / ".git", own_link));
  }
  if (!is_there(admin_ / "HEAD")) KON_TRY_VOID(put_head_back());
  return {};
}

Result<void> PlanWorktree::repair() const {
  KON_TRY_VOID(link());
  remove_locks(admin_, Depth::one);
  return branch_.empty() ? Result<void>() : remove_path(common_directory_ / (branch_ + ".lock"));
}

Result<void> PlanWorktree::settle() const {
  if (head_text() != own_head_text()) KON_TRY_VOID(put_head_back());
  for (const char* name : kUnfinished)
    KON_TRY_VOID(remove_path(admin_ / name));
  // A program in the tree has written its index: what that says is not known any more.
  const auto note = read_text(admin_ / kIndexedFile);
  const std::string written = " " + stamp_of(admin_ / "index") + "\n";
  if (note && !note->ends_with(written)) return remove_path(admin_ / kIndexedFile);
  return {};
}

Result<void> PlanWorktree::bring_index(git_repository* repository, const git_oid& commit) const {
  KON_TRY(const git_oid tree, tree_id_of(repository, commit));
  const auto note = read_text(admin_ / kIndexedFile);
  if (note && note->starts_with(hex(tree) + " " + stamp_of(index_file()) + "; ")) return {};
  // First, so that a crash leaves nothing that is wrong.
  KON_TRY_VOID(remove_path(admin_ / kIndexedFile));
  KON_TRY(WorkTree own, files());
  own.compare_with(tree);
  KON_TRY_VOID(own.bring_index_file());
  const fs::path file = admin_ / "index";
  KON_TRY_VOID(write_text(file, read_text(index_file()).value_or("")));
  return write_text(admin_ / kIndexedFile, index_note(tree, index_file(), file));
}

std::string PlanWorktree::head_text() const {
  return std::string(trim(read_text(admin_ / "HEAD").value_or("")));
}

Result<void> PlanWorktree::put_head_back() const {
  return write_text(admin_ / "HEAD", own_head_text() + "\n");
}

Result<void> PlanWorktree::detach(const git_oid& commit) const {
  return write_text(admin_ / "HEAD", hex(commit) + "\n");
}

bool PlanWorktree::is_fresh() const {
  return is_there(admin_ / kFreshFile);
}

void PlanWorktree::mark_used() const {
  ::unlink((admin_ / kFreshFile).c_str());
}

Result<WorkTree> PlanWorktree::files() const {
  KON_TRY_VOID(check_not_bare());
  return WorkTree::open({common_directory_, directory_, index_file(), excluded_, "",
                         known_ != nullptr ? known_->at(directory_) : nullptr});
}

Result<void> PlanWorktree::remove() const {
  const State now = state();
  if (known_ != nullptr) known_->forget(directory_);
  if (now == State::foreign) return {};
  if (now == State::missing && !is_there(admin_) && !has_nothing(directory_)) {
    // Not known to be the engine's, so not the engine's to delete.
    return move_aside(directory_);
  }
  // From here on a crash leaves something that is made anew.
  if (is_overlay()) mark_unfinished();
  KON_TRY_VOID(overlay_.remove());
  KON_TRY_VOID(remove_by_rename(directory_));
  return remove_path(admin_);
}

}  // namespace konductor::platform::git
