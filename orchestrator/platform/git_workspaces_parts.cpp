// SPDX-License-Identifier: MIT
#include "platform/git_workspaces_parts.hpp"

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_overlays.hpp"
#include "platform/git_places.hpp"
#include "platform/git_refs.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using git::find_attempt_tip;
using git::PlanWorktree;
using git::Repository;
using git::Session;
using git::WorkTree;
using ports::FileChange;
using ports::PlanNumber;
using ports::Workspace;

namespace {

// An empty folder in that of a plan's branch: no name of a reference, so git passes it over.
constexpr const char* kHoldsFolder = ".hold";

}  // namespace

Result<Session> GitWorkspaces::Parts::begin() {
  KON_TRY(git::Layout found, layout());
  const int generation = repositories_.generation();
  KON_TRY(Repository repository, repositories_.take(found.git_directory));
  return Session(std::move(found), repositories_, generation, std::move(repository));
}

Result<git::Layout> GitWorkspaces::Parts::layout() {
  const std::lock_guard lock(layout_lock_);
  if (!layout_) {
    KON_TRY(layout_, git::find_layout(options.root));
  }
  return *layout_;
}

Result<git_oid> GitWorkspaces::Parts::start_of(const Session& session, PlanNumber plan) const {
  if (!is_stacked()) return branches.integration(session.get());
  return git::PlanStack(session.get(), branches.names(), dependencies).start(plan);
}

fs::path GitWorkspaces::Parts::worktree_parent(const git::Layout& where) const {
  return git::worktree_parent(where, options.worktree_dir);
}

PlanWorktree GitWorkspaces::Parts::tree(const Session& session, PlanNumber plan) const {
  PlanWorktree made(session.layout, worktree_parent(session.layout),
                    branches.names().worktree(plan), branches.names().branch(plan));
  made.share(known);
  return made;
}

Result<void> GitWorkspaces::Parts::make(Session& session, const PlanWorktree& tree,
                                        const git_oid& commit) {
  KON_TRY_VOID(tree.remove());
  if (options.overlay && !is_overlay_given_up_) {
    const Result<void> made = make_over_base(session, tree, commit);
    if (made) return {};
    // Whatever is against it, a plain one will do, for this plan and the next ones.
    give_up_overlays(made.error());
    KON_TRY_VOID(tree.remove());
  }
  KON_TRY(const bool is_made, pool.take(session.get(), tree, commit));
  if (is_made) return {};
  KON_TRY_VOID(make_directories(tree));
  return tree.create(session.get(), commit);
}

Result<void> GitWorkspaces::Parts::make_over_base(const Session& session, const PlanWorktree& tree,
                                                  const git_oid& commit) {
  KON_TRY_VOID(make_directories(tree));
  KON_TRY(const git::OverlayBase base, base_of_overlays(session, commit));
  return tree.create_over(base, session.get(), commit);
}

void GitWorkspaces::Parts::give_up_overlays(const Error& why) {
  if (is_overlay_given_up_.exchange(true) || !options.tell_no_overlay) return;
  options.tell_no_overlay(why.message);
}

Result<void> GitWorkspaces::Parts::make_directories(const PlanWorktree& tree) {
  // Not while another plan's end removes the same parents because they are empty.
  const std::lock_guard lock(places_);
  return tree.make_directories();
}

Result<git::OverlayBase> GitWorkspaces::Parts::base_of_overlays(const Session& session,
                                                                const git_oid& commit) {
  const std::lock_guard lock(base_lock_);
  if (base_) return *base_;
  const fs::path parent = worktree_parent(session.layout);
  const git::OverlayBase base{git::free_base_directory(parent, branches.names().phase), commit};
  const Result<void> filled = git::fill_base(base, session.layout, session.get());
  if (!filled) {
    KON_TRY_VOID(git::remove_base_directory(base.directory));
    return filled.error();
  }
  base_ = base;
  return base;
}

Result<void> GitWorkspaces::Parts::bring_in(const PlanWorktree& tree) const {
  if (!tree.is_overlay()) return {};
  if (options.overlay && tree.mount()) return {};
  return tree.materialise();
}

Result<void> GitWorkspaces::Parts::settle_overlays(const Session& session) {
  const std::lock_guard lock(base_lock_);
  base_.reset();
  return git::settle_overlays(session.layout, worktree_parent(session.layout), branches.names());
}

Result<git_oid> GitWorkspaces::Parts::move_up(Session& session, const PlanWorktree& tree,
                                              PlanNumber plan, const git_oid& from,
                                              const git_oid& to) {
  KON_TRY(const git_oid old_tree, git::tree_id_of(session.get(), from));
  KON_TRY(const git_oid new_tree, git::tree_id_of(session.get(), to));
  KON_TRY(WorkTree files, tree.files());
  files.compare_with(old_tree);
  KON_TRY(const std::vector<FileChange> dirt, files.scan());
  if (!dirt.empty() || tree.head_text() != tree.own_head_text()) return from;
  // A crash in between leaves a tree that counts as half-made.
  tree.mark_unfinished();
  KON_TRY_VOID(branches.set(session.get(), branches.names().branch(plan), to,
                            "follow the integration branch"));
  KON_TRY_VOID(files.restore(new_tree));
  KON_TRY_VOID(tree.settle());
  KON_TRY_VOID(tree.bring_index(session.get(), to));
  KON_TRY_VOID(tree.adopt());
  return to;
}

void GitWorkspaces::Parts::remove_empty_places(const Session& session) {
  const std::lock_guard lock(places_);
  const fs::path parent = worktree_parent(session.layout);
  git::remove_empty_directories(parent, parent.parent_path());
  git::remove_empty_directories(session.layout.common_directory / "worktrees",
                                session.layout.common_directory);
}

Result<GitWorkspaces::Parts::Left> GitWorkspaces::Parts::look_at(const Session& session,
                                                                 const PlanWorktree& tree,
                                                                 const Workspace& workspace) const {
  Left left;
  KON_TRY(left.head, git::parse_id(workspace.head));
  KON_TRY(const auto branch, git::read_ref(session.get(), branches.names().branch(workspace.plan)));
  KON_TRY(left.tip, find_attempt_tip(session.get(), left.head, branch, tree.head_text()));
  KON_TRY(left.tip_tree, git::tree_id_of(session.get(), left.tip.parent));
  KON_TRY(const git_oid head_tree, git::tree_id_of(session.get(), left.head));
  KON_TRY(WorkTree files, tree.files());
  files.compare_with(left.tip_tree);
  KON_TRY(left.tree, files.capture(head_tree));
  return left;
}

Result<git_oid> GitWorkspaces::Parts::commit(const Session& session, const Left& left,
                                             const std::string& message) {
  if (left.tree == left.tip_tree) return left.tip.parent;
  KON_TRY(const git::Signature identity, git::find_identity(session.get()));
  return git::write_commit(session.get(), *identity,
                           git::CommitParts{left.tree, {left.tip.parent}, message});
}

Result<git_oid> GitWorkspaces::Parts::replace(const Session& session, const Left& left,
                                              const ports::CommitText& text) const {
  const bool is_built_on = !(left.tip.parent == left.head);
  if (is_built_on || left.tree == left.tip_tree) return commit(session, left, text.message);
  KON_TRY(const git::Commit old, git::find_commit(session.get(), left.head));
  // Only the engine's: an attempt's own commits stay.
  if (!git::is_engine_commit(old)) return commit(session, left, text.message);
  git::CommitParts parts{left.tree, {}, text.message};
  for (unsigned n = 0; n < git_commit_parentcount(old.get()); ++n)
    parts.parents.push_back(*git_commit_parent_id(old.get(), n));
  const std::string reference =
      "refs/konductor/" + git::safe_name(options.run) + "/" + git::safe_path(text.replaces);
  KON_TRY_VOID(git::keep_commit(session.get(), reference, left.head, "replaced"));
  KON_TRY(const git::Signature identity, git::find_identity(session.get()));
  return git::write_commit(session.get(), *identity, parts);
}

Result<void> GitWorkspaces::Parts::keep_all_beyond(const Session& session, const PlanWorktree& tree,
                                                   PlanNumber plan, const git_oid& id) {
  KON_TRY(const auto branch, git::read_ref(session.get(), branches.names().branch(plan)));
  KON_TRY(const git::AttemptTip tip, find_attempt_tip(session.get(), id, branch, tree.head_text()));
  if (!(tip.parent == id)) KON_TRY_VOID(branches.keep(session.get(), plan, tip.parent));
  for (const git_oid& other : tip.others)
    KON_TRY_VOID(branches.keep(session.get(), plan, other));
  return {};
}

Result<void> GitWorkspaces::Parts::take_over(const Session& session, const PlanWorktree& tree,
                                             const Workspace& workspace) {
  const std::string name = branches.names().branch(workspace.plan);
  KON_TRY(const git_oid head, git::parse_id(workspace.head));
  KON_TRY(const auto branch, git::read_ref(session.get(), name));
  KON_TRY(const git::AttemptTip tip,
          find_attempt_tip(session.get(), head, branch, tree.head_text()));
  for (const git_oid& other : tip.others)
    KON_TRY_VOID(branches.keep(session.get(), workspace.plan, other));
  if (!branch || !(*branch == tip.parent))
    KON_TRY_VOID(branches.set(session.get(), name, tip.parent, "take over"));
  return tree.put_head_back();
}

// Whoever packs references, `git gc` for one, takes the folders away that hold none any more, and a
// folder made anew would be another one, which the attempt may not write.
Result<std::vector<fs::path>> GitWorkspaces::Parts::commit_places(
    const Session& session, const Workspace& workspace) const {
  const fs::path& common = session.layout.common_directory;
  const std::string folder = branches.names().branch_folder(workspace.plan);
  const std::vector<fs::path> places = {tree(session, workspace, workspace.head).admin(),
                                        common / "objects", common / folder,
                                        common / "logs" / folder};
  const fs::path hold = common / folder / kHoldsFolder;
  std::error_code error;
  // An attempt may have made anything of it.
  if (!fs::is_directory(fs::symlink_status(hold, error))) KON_TRY_VOID(git::remove_path(hold));
  std::vector<fs::path> wanted = places;
  wanted.push_back(hold);
  for (const fs::path& path : wanted) {
    fs::create_directories(path, error);
    if (error) return error_from_errno(error.value(), "cannot make " + quote(path.native()));
  }
  return places;
}

void GitWorkspaces::Parts::let_go_of_branch_folder(const Session& session, PlanNumber plan) const {
  std::error_code error;
  fs::remove(session.layout.common_directory / branches.names().branch_folder(plan) / kHoldsFolder,
             error);
}

}  // namespace konductor::platform
