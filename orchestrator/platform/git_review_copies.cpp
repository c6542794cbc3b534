// SPDX-License-Identifier: MIT
// Copies of plans' trees, for reviewers.
#include <set>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_workspaces_parts.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using git::PlanWorktree;
using git::Session;
using git::WorkTree;
using ports::PlanNumber;
using ports::TreeUse;
using ports::Workspace;

namespace {

// The files of `commit` in a copy that this engine has had in hand before. What is ignored stays,
// build products for one.
Result<void> put_to(const PlanWorktree& copy, git_repository* repository, const git_oid& commit) {
  KON_TRY(const git_oid wanted, git::tree_id_of(repository, commit));
  KON_TRY_VOID(copy.repair());
  KON_TRY(WorkTree files, copy.files());
  KON_TRY_VOID(files.restore(wanted));
  KON_TRY_VOID(copy.settle());
  return copy.bring_index(repository, commit);
}

}  // namespace

Result<Workspace> GitWorkspaces::open_copy(PlanNumber plan, const std::string& commit,
                                           TreeUse use) {
  KON_TRY(Session session, parts_->begin());
  KON_TRY(const git_oid id, git::parse_id(commit));
  const PlanWorktree copy = parts_->review_copy(session, plan, commit);
  PlanWorktree::State state = copy.state();
  if (state == PlanWorktree::State::foreign)
    return Error{ErrorCode::already_exists,
                 "a work tree named " + quote(parts_->branches.names().review_copy(plan)) +
                     " exists already: remove it with `git worktree remove`"};
  // Somebody had the repository forget it.
  if (state == PlanWorktree::State::unlinked && use == TreeUse::occupied) {
    KON_TRY_VOID(copy.adopt());
    state = PlanWorktree::State::ready;
  }
  const bool is_known = parts_->knew_copy(plan);
  const bool is_there = state == PlanWorktree::State::ready && (is_known || use != TreeUse::idle);
  if (!is_there) {
    // One that another engine left may hold whatever a reviewer of it was about to write.
    KON_TRY_VOID(parts_->make(session, copy, id));
  } else if (use == TreeUse::idle) {
    KON_TRY_VOID(put_to(copy, session.get(), id));
  }
  Workspace workspace;
  workspace.plan = plan;
  workspace.directory = copy.directory();
  if (!session.layout.prefix.empty())
    workspace.directory /= fs::path(session.layout.prefix).parent_path();
  workspace.base = commit;
  workspace.head = commit;
  workspace.is_fresh = copy.is_fresh();
  workspace.is_copy = true;
  return workspace;
}

PlanWorktree GitWorkspaces::Parts::review_copy(const Session& session, PlanNumber plan,
                                               const std::string& commit) const {
  PlanWorktree made(session.layout, worktree_parent(session.layout),
                    branches.names().review_copy(plan), "");
  made.stay_at(commit);
  made.share(known);
  return made;
}

PlanWorktree GitWorkspaces::Parts::tree(const Session& session, const Workspace& workspace,
                                        const std::string& commit) const {
  return workspace.is_copy ? review_copy(session, workspace.plan, commit)
                           : tree(session, workspace.plan);
}

bool GitWorkspaces::Parts::knew_copy(PlanNumber plan) {
  const std::lock_guard lock(copies_lock_);
  return !copies_.insert(plan).second;
}

Result<void> GitWorkspaces::Parts::close_copy(const Session& session, PlanNumber plan) {
  {
    const std::lock_guard lock(copies_lock_);
    copies_.erase(plan);
  }
  const PlanWorktree copy = review_copy(session, plan, "");
  const auto at = git::parse_id(copy.head_text());
  if (copy.state() == PlanWorktree::State::ready && at)
    return pool.give(session.layout, branches.names(), copy, *at);
  std::error_code error;
  // Without its folder in the repository a directory of that name may be anybody's.
  return fs::exists(copy.admin(), error) ? copy.remove() : Result<void>();
}

// Those of earlier engines too.
Result<void> GitWorkspaces::Parts::remove_copies(const Session& session) {
  const git::PhaseNames& names = branches.names();
  const fs::path parent = worktree_parent(session.layout);
  std::set<std::string> found;
  for (const fs::path& place : {session.layout.common_directory / "worktrees", parent}) {
    std::error_code error;
    for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error))
      if (names.plan_of_review_copy(it->path().filename().native()))
        found.insert(it->path().filename());
  }
  for (const std::string& name : found) {
    PlanWorktree copy(session.layout, parent, name, "");
    copy.share(known);
    std::error_code error;
    if (copy.state() != PlanWorktree::State::missing || fs::exists(copy.admin(), error))
      KON_TRY_VOID(copy.remove());
  }
  const std::lock_guard lock(copies_lock_);
  copies_.clear();
  return {};
}

}  // namespace konductor::platform
