// SPDX-License-Identifier: MIT
#include "platform/git_workspaces.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "platform/git_conflict.hpp"
#include "platform/git_dead_locks.hpp"
#include "platform/git_delivery.hpp"
#include "platform/git_diff.hpp"
#include "platform/git_files.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_guard.hpp"
#include "platform/git_places.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_workspaces_parts.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using git::PlanWorktree;
using git::Session;
using git::WorkTree;
using ports::ChangeKind;
using ports::FileChange;
using ports::PlanNumber;
using ports::Workspace;

GitWorkspaces::GitWorkspaces(WorkspacesOptions options)
    : parts_(std::make_unique<Parts>(std::move(options))) {}
GitWorkspaces::~GitWorkspaces() = default;

Result<void> GitWorkspaces::prepare() {
  const std::string& strategy = parts_->options.branching_strategy;
  if (strategy != "none" && strategy != "feature" && strategy != "plan")
    return Error{ErrorCode::invalid_input, "git.branching_strategy is " + quote(strategy) +
                                               ": write \"none\", \"feature\" or \"plan\""};
  KON_TRY(const Session session, parts_->begin());
  KON_TRY_VOID(git::check_supported(session.get(), session.layout));
  KON_TRY_VOID(git::find_identity(session.get()));
  KON_TRY_VOID(git::check_worktree_parent(session.get(), session.layout,
                                          parts_->worktree_parent(session.layout)));
  const fs::path& common = session.layout.common_directory;
  const git::PhaseNames& names = parts_->branches.names();
  // Whoever calls this holds the phase: what is locked was left by a killed engine, or is being
  // moved by an attempt that outlived it.
  remove_dead_branch_locks(common, common / names.branches);
  git::remove_locks(common / "refs" / "konductor" / names.phase, git::Depth::all);
  git::remove_dead_objects(common / "objects");
  KON_TRY_VOID(git::remove_trash(parts_->worktree_parent(session.layout),
                                 [&names](std::string_view name) { return names.is_trash(name); }));
  KON_TRY_VOID(git::WorktreePool::remove_leftovers(session.layout, names));
  KON_TRY_VOID(git::remove_overlay_leftovers(parts_->worktree_parent(session.layout), names.phase));
  return parts_->branches.prepare(session.get());
}

void GitWorkspaces::set_dependencies(
    const std::map<PlanNumber, std::vector<PlanNumber>>& dependencies) {
  parts_->dependencies = dependencies;
}

Result<Workspace> GitWorkspaces::open(PlanNumber plan, ports::TreeUse use) {
  KON_TRY(Session session, parts_->begin());
  if (use == ports::TreeUse::idle) {
    // By an attempt whose engine died.
    const Result<bool> removed = git::remove_spoiled_ref(session.layout.common_directory,
                                                         parts_->branches.names().branch(plan));
    KON_TRY_VOID(removed);
  }
  KON_TRY(const git_oid integration, parts_->start_of(session, plan));
  KON_TRY(git_oid head, parts_->branches.open(session.get(), plan, integration));
  const PlanWorktree tree = parts_->tree(session, plan);
  KON_TRY_VOID(parts_->bring_in(tree));
  const PlanWorktree::State state = tree.state();
  if (state == PlanWorktree::State::foreign)
    return Error{ErrorCode::already_exists,
                 "a work tree named " + quote(parts_->branches.names().worktree(plan)) +
                     " exists already: remove it with `git worktree remove`"};
  KON_TRY(const bool has_no_work, git::is_ancestor(session.get(), head, integration));
  const bool is_behind = has_no_work && !(head == integration);
  if (state == PlanWorktree::State::missing) {
    if (is_behind) {
      head = integration;
      KON_TRY_VOID(parts_->branches.set(session.get(), parts_->branches.names().branch(plan), head,
                                        "follow the integration branch"));
    }
    KON_TRY_VOID(parts_->make(session, tree, head));
  } else if (use == ports::TreeUse::idle || state == PlanWorktree::State::unlinked) {
    if (state == PlanWorktree::State::unlinked) KON_TRY_VOID(tree.adopt());
    KON_TRY_VOID(tree.repair());
    if (is_behind) {
      KON_TRY(head, parts_->move_up(session, tree, plan, head, integration));
    }
  }
  KON_TRY(const auto common, git::common_ancestors(session.get(), head, integration));
  Workspace workspace;
  workspace.plan = plan;
  workspace.directory = tree.directory();
  if (!session.layout.prefix.empty())
    workspace.directory /= fs::path(session.layout.prefix).parent_path();
  workspace.base = git::hex(common.empty() ? integration : common.front());
  workspace.head = git::hex(head);
  workspace.is_fresh = tree.is_fresh();
  return workspace;
}

Result<std::string> GitWorkspaces::snapshot(const Workspace& workspace,
                                            const ports::CommitText& text) {
  KON_CHECK(!workspace.is_copy);
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, workspace.plan);
  KON_TRY_VOID(tree.repair());
  KON_TRY(const Parts::Left left, parts_->look_at(session, tree, workspace));
  KON_TRY(const git_oid head, text.replaces.empty() ? Parts::commit(session, left, text.message)
                                                    : parts_->replace(session, left, text));
  for (const git_oid& other : left.tip.others)
    KON_TRY_VOID(parts_->branches.keep(session.get(), workspace.plan, other));
  KON_TRY_VOID(parts_->branches.set(session.get(), parts_->branches.names().branch(workspace.plan),
                                    head, "snapshot"));
  KON_TRY_VOID(tree.settle());
  KON_TRY_VOID(tree.bring_index(session.get(), head));
  return git::hex(head);
}

Result<std::vector<FileChange>> GitWorkspaces::changes(const std::string& from,
                                                       const std::string& to) {
  KON_TRY(const Session session, parts_->begin());
  return git::changes_between(session.get(), session.layout, from, to);
}

Result<std::string> GitWorkspaces::patch(const std::string& from, const std::string& to,
                                         std::size_t bytes_max,
                                         const std::vector<std::string>& paths) {
  KON_TRY(const Session session, parts_->begin());
  return git::patch_between(session.get(), session.layout, from, to, bytes_max, paths);
}

Result<std::string> GitWorkspaces::file_at(const std::string& commit, const std::string& path) {
  KON_TRY(const Session session, parts_->begin());
  return git::file_in_commit(session.get(), session.layout, commit, path);
}

Result<std::vector<FileChange>> GitWorkspaces::dirt(const Workspace& workspace,
                                                    const std::string& commit) {
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, workspace, commit);
  KON_TRY(const git_oid id, git::parse_id(commit));
  KON_TRY(const git_oid wanted, git::tree_id_of(session.get(), id));
  KON_TRY(const auto branch,
          git::read_ref(session.get(), parts_->branches.names().branch(workspace.plan)));
  KON_TRY(WorkTree files, tree.files());
  files.compare_with(wanted);
  KON_TRY(std::vector<FileChange> found, files.scan());
  for (FileChange& change : found)
    change.path = session.layout.to_project(change.path);
  if (!branch || !(*branch == id) || tree.head_text() != tree.own_head_text())
    found.push_back(FileChange{ChangeKind::modified, "HEAD"});
  std::sort(found.begin(), found.end(),
            [](const FileChange& left, const FileChange& right) { return left.path < right.path; });
  return found;
}

Result<bool> GitWorkspaces::is_at(const Workspace& workspace, const std::string& commit) {
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, workspace, commit);
  KON_TRY(const auto branch,
          git::read_ref(session.get(), parts_->branches.names().branch(workspace.plan)));
  return branch && git::hex(*branch) == commit && tree.state() == PlanWorktree::State::ready &&
         tree.head_text() == tree.own_head_text();
}

Result<void> GitWorkspaces::reset(const Workspace& workspace, const std::string& commit) {
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, workspace, commit);
  KON_TRY(const git_oid id, git::parse_id(commit));
  KON_TRY(const git_oid wanted, git::tree_id_of(session.get(), id));
  KON_TRY_VOID(tree.repair());
  KON_TRY_VOID(parts_->keep_all_beyond(session, tree, workspace.plan, id));
  KON_TRY(WorkTree files, tree.files());
  KON_TRY_VOID(files.restore(wanted));
  KON_TRY_VOID(parts_->branches.set(session.get(), parts_->branches.names().branch(workspace.plan),
                                    id, "reset"));
  KON_TRY_VOID(tree.settle());
  return tree.bring_index(session.get(), id);
}

Result<void> GitWorkspaces::show(const Workspace& workspace, const std::string& commit) {
  KON_TRY(const Session session, parts_->begin());
  KON_TRY(const git::Commit wanted, git::find_named_commit(session.get(), commit));
  KON_TRY(WorkTree files, parts_->tree(session, workspace, workspace.head).files());
  return files.restore(*git_commit_tree_id(wanted.get()));
}

Result<std::string> GitWorkspaces::save_aside(const Workspace& workspace, std::string_view run,
                                              std::string_view name) {
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, workspace, workspace.head);
  KON_TRY(const Parts::Left left, parts_->look_at(session, tree, workspace));
  std::string first_kept;
  for (const git_oid& other : left.tip.others) {
    KON_TRY(const std::string kept, parts_->branches.keep(session.get(), workspace.plan, other));
    if (first_kept.empty()) first_kept = kept;
  }
  KON_TRY(const git_oid commit,
          Parts::commit(session, left, "Work kept aside from " + std::string(name) + "\n"));
  if (commit == left.head) return first_kept;
  const std::string reference =
      "refs/konductor/" + git::safe_name(run) + "/" + git::safe_path(name);
  return git::keep_commit(session.get(), reference, commit, "keep aside");
}

Result<std::vector<fs::path>> GitWorkspaces::commit_places(const Workspace& workspace) {
  KON_TRY(const Session session, parts_->begin());
  return parts_->commit_places(session, workspace);
}

Result<ports::GuardState> GitWorkspaces::guard(const Workspace& workspace) {
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, workspace, workspace.head);
  const git::RefFilter is_watched = [this](const std::string& name) {
    return parts_->branches.is_watched(name);
  };
  KON_TRY(git::Guarded found, git::look_at_guarded(session.get(), is_watched));
  const git::GuardRecord record{parts_->guards.share(std::move(found)), tree.head_text()};
  tree.mark_used();
  return ports::GuardState{std::make_shared<const git::GuardRecord>(record)};
}

Result<std::vector<std::string>> GitWorkspaces::restore_guarded(const Workspace& workspace,
                                                                const ports::GuardState& before) {
  const auto record = std::static_pointer_cast<const git::GuardRecord>(before.record);
  KON_CHECK(record != nullptr);
  std::vector<std::string> lines;
  // With what an attempt wrote there the repository may not even open.
  const auto layout = parts_->layout();
  const fs::path& directory = layout ? layout->common_directory : record->guarded->directory;
  KON_TRY_VOID(git::put_files_back(directory, *record->guarded, lines));
  const std::string branch = parts_->branches.names().branch(workspace.plan);
  KON_TRY(const bool is_spoiled, git::remove_spoiled_ref(directory, branch));
  if (is_spoiled)
    lines.push_back("branch " + quote(git::branch_name(branch)) +
                    " or its log was made what is none: removed");
  if (!lines.empty()) parts_->forget_open_repositories();
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, workspace, workspace.head);
  const std::string head_now = tree.head_text();
  // Of a copy nothing is taken over; that it was moved is dirt.
  const bool is_moved = head_now != record->head && !workspace.is_copy;
  // Commits made elsewhere are taken over before that place is cleaned up.
  if (is_moved) KON_TRY_VOID(parts_->take_over(session, tree, workspace));
  KON_TRY_VOID(parts_->branches.put_back(session.get(), *record->guarded, workspace.plan, lines));
  if (is_moved)
    lines.push_back("HEAD of the workspace was moved to " + quote(head_now) + ": put back");
  return lines;
}

Result<ports::MergeResult> GitWorkspaces::merge(PlanNumber plan, const ports::CommitText& text) {
  KON_TRY(const Session session, parts_->begin());
  if (parts_->is_stacked()) {
    KON_TRY(const auto head, git::read_ref(session.get(), parts_->branches.names().branch(plan)));
    if (head) return ports::MergeResult{true, git::hex(*head), {}};
  }
  return parts_->branches.merge(session.get(), session.layout, plan, text);
}

Result<std::string> GitWorkspaces::write_conflict(PlanNumber plan,
                                                  const ports::ConflictLabels& labels,
                                                  const ports::CommitText& text) {
  KON_TRY(const Session session, parts_->begin());
  KON_TRY(const git_oid theirs, parts_->branches.integration(session.get()));
  KON_TRY(const auto ours, git::read_ref(session.get(), parts_->branches.names().branch(plan)));
  if (!ours) return Error{ErrorCode::not_found, "plan " + plan_text(plan) + " has no branch"};
  // The integration branch first, as in every merge of a plan.
  KON_TRY(const git_oid tree, git::write_conflict_tree(session.get(), *ours, theirs, labels));
  KON_TRY(const git::Signature identity, git::find_identity(session.get()));
  KON_TRY(const git_oid commit,
          git::write_commit(session.get(), *identity,
                            git::CommitParts{tree, {theirs, *ours}, text.message}));
  const std::string reference = "refs/konductor/" + git::safe_name(parts_->options.run) + "/" +
                                plan_text(plan) + "-merge-conflict";
  KON_TRY_VOID(git::keep_commit(session.get(), reference, commit, "conflict"));
  return git::hex(commit);
}

Result<bool> GitWorkspaces::has_commit(const std::string& commit) {
  KON_TRY(const Session session, parts_->begin());
  KON_TRY(const git_oid id, git::parse_id(commit));
  const Result<git::Commit> found = git::find_commit(session.get(), id);
  if (found.has_error() && found.error().code != ErrorCode::not_found) return found.error();
  return found.has_value();
}

Result<bool> GitWorkspaces::is_made_from(const std::string& commit, const std::string& start) {
  KON_TRY(const Session session, parts_->begin());
  KON_TRY(const git_oid id, git::parse_id(commit));
  KON_TRY(const git_oid start_id, git::parse_id(start));
  KON_TRY(const git::Commit found, git::find_commit(session.get(), id));
  if (git::is_engine_commit(found)) return true;
  return git::is_ancestor(session.get(), start_id, id);
}

Result<std::vector<ports::PredictedConflict>> GitWorkspaces::predict_conflicts(PlanNumber plan) {
  KON_TRY(const Session session, parts_->begin());
  return parts_->branches.predict(session.get(), session.layout, plan);
}

Result<std::string> GitWorkspaces::phase_base() {
  KON_TRY(const Session session, parts_->begin());
  KON_TRY(const git_oid base, parts_->branches.base(session.get()));
  return git::hex(base);
}

Result<std::string> GitWorkspaces::integration_head() {
  KON_TRY(const Session session, parts_->begin());
  KON_TRY(const git_oid head, parts_->branches.integration(session.get()));
  return git::hex(head);
}

Result<ports::Delivery> GitWorkspaces::deliver() {
  // The user's index and settings as they are now.
  parts_->forget_open_repositories();
  KON_TRY(const Session session, parts_->begin());
  const git::PhaseNames& names = parts_->branches.names();
  if (parts_->is_stacked())
    return git::PlanStack(session.get(), names, parts_->dependencies).result();
  if (parts_->options.branching_strategy == "feature") {
    const std::string branch = git::branch_name(names.integration);
    ports::Delivery delivery;
    delivery.detail = "the result is on the branch " + quote(branch);
    delivery.command = "git merge " + branch;
    return delivery;
  }
  return git::DeliveryRun(session.get(), session.layout, names, parts_->delivery_rules()).run();
}

Result<std::string> GitWorkspaces::abandon_delivery() {
  parts_->forget_open_repositories();
  KON_TRY(const Session session, parts_->begin());
  return git::DeliveryRun(session.get(), session.layout, parts_->branches.names(),
                          parts_->delivery_rules())
      .abandon();
}

Result<void> GitWorkspaces::close(PlanNumber plan) {
  KON_TRY(const Session session, parts_->begin());
  const PlanWorktree tree = parts_->tree(session, plan);
  const git::PhaseNames& names = parts_->branches.names();
  KON_TRY(const auto head, git::read_ref(session.get(), names.branch(plan)));
  const Result<void> left =
      head ? parts_->pool.give(session.layout, names, tree, *head) : tree.remove();
  KON_TRY_VOID(left);
  KON_TRY_VOID(parts_->close_copy(session, plan));
  parts_->let_go_of_branch_folder(session, plan);
  return parts_->branches.close(session.get(), plan);
}

Result<void> GitWorkspaces::release() {
  KON_TRY(const Session session, parts_->begin());
  KON_TRY_VOID(parts_->pool.drain());
  KON_TRY_VOID(parts_->remove_copies(session));
  KON_TRY_VOID(parts_->settle_overlays(session));
  parts_->remove_empty_places(session);
  return {};
}

}  // namespace konductor::platform
