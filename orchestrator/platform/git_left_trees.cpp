// SPDX-License-Identifier: MIT
#include "platform/git_left_trees.hpp"

#include <algorithm>

#include "platform/git_files.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_workspaces.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;
using engine::Leftover;
using engine::LeftoverKind;

namespace {}  // namespace

PlanWorktree LeftTrees::tree(const std::string& phase, int plan) const {
  const PhaseNames names(phase);
  return PlanWorktree(layout_, parent_, names.worktree(plan), names.branch(plan));
}

PlanWorktree LeftTrees::tree(const PhaseNames& names, const std::string& name, int plan) const {
  if (names.plan_of_review_copy(name)) return PlanWorktree(layout_, parent_, name, "");
  return tree(names.phase, plan);
}

// Known to the repository, or lying where they are made; copies too.
std::map<std::string, int> LeftTrees::names_of_plans(const PhaseNames& names) const {
  std::map<std::string, int> found;
  for (const fs::path& parent : {layout_.common_directory / "worktrees", parent_}) {
    std::error_code error;
    for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename();
      if (!name.starts_with(names.phase + "-")) continue;
      if (const auto copied = names.plan_of_review_copy(name)) found[name] = *copied;
      const auto plan = plan_of_name(std::string_view(name).substr(names.phase.size() + 1));
      if (plan && names.worktree(*plan) == name) found[name] = *plan;
    }
  }
  return found;
}

// Whether a tree holds what no branch does. What cannot be told counts.
bool LeftTrees::has_changes(const PlanWorktree& tree, const std::string& branch) const {
  if (tree.state() != PlanWorktree::State::ready) return true;
  const auto head = read_ref(repository_, branch);
  if (!head || !*head || tree.head_text() != tree.own_head_text()) return true;
  const auto wanted = tree_id_of(repository_, **head);
  auto files = tree.files();
  if (!wanted || !files) return true;
  files->compare_with(*wanted);
  const auto changes = files->scan();
  return !changes || !changes->empty();
}

void LeftTrees::find_plans(const std::string& phase, bool is_locked,
                           std::vector<Leftover>& found) const {
  const PhaseNames names(phase);
  for (const auto& [name, plan] : names_of_plans(names)) {
    const bool is_copy = names.plan_of_review_copy(name).has_value();
    const PlanWorktree plan_tree = tree(names, name, plan);
    const auto state = plan_tree.state();
    std::error_code error;
    const bool is_known = fs::exists(layout_.common_directory / "worktrees" / name, error);
    if (state == PlanWorktree::State::foreign) continue;
    // A folder with such a name that nobody knows may be anybody's.
    if (state == PlanWorktree::State::missing && !is_known) continue;
    Leftover leftover;
    leftover.kind = LeftoverKind::worktree;
    leftover.name = name;
    leftover.phase = phase;
    leftover.plan = plan;
    const auto branch = read_ref(repository_, names.branch(plan));
    if (branch && *branch && !is_copy) leftover.commit = hex(**branch);
    const bool is_half_made = state == PlanWorktree::State::missing;
    leftover.has_changes = !is_locked;
    if (is_locked && !is_half_made)
      leftover.has_changes =
          is_copy ? has_detached_changes(plan_tree) : has_changes(plan_tree, names.branch(plan));
    // Its files are those of its branch, which is looked at by itself.
    leftover.is_reached = true;
    found.push_back(std::move(leftover));
  }
}

Result<std::string> LeftTrees::remove_plan(const Leftover& leftover, const std::string& run) const {
  const PlanWorktree plan_tree = tree(leftover.phase, leftover.plan);
  std::string kept;
  if (leftover.has_changes) {
    if (plan_tree.state() == PlanWorktree::State::unlinked) KON_TRY_VOID(plan_tree.adopt());
    WorkspacesOptions options;
    options.root = layout_.root;
    options.phase = leftover.phase;
    options.run = run;
    options.worktree_dir = parent_;
    ports::Workspace workspace;
    workspace.plan = leftover.plan;
    workspace.directory = plan_tree.directory();
    workspace.head = leftover.commit;
    // Somebody removed its branch.
    if (workspace.head.empty()) {
      KON_TRY(const auto head, read_ref(repository_, "HEAD"));
      if (head) workspace.head = hex(*head);
    }
    KON_TRY(kept, GitWorkspaces(options).save_aside(workspace, run, "cleaned/" + leftover.name));
  }
  KON_TRY_VOID(plan_tree.remove());
  return kept;
}

Result<std::string> LeftTrees::remove_copy(const Leftover& leftover, const std::string& run) const {
  const PlanWorktree copy(layout_, parent_, leftover.name, "");
  std::string kept;
  if (leftover.has_changes) {
    KON_TRY(kept, keep_detached(copy, "refs/konductor/" + safe_name(run) + "/cleaned/" +
                                          safe_name(leftover.name)));
  }
  KON_TRY_VOID(copy.remove());
  return kept;
}

PlanWorktree LeftTrees::pooled(const std::string& name) const {
  return PlanWorktree(layout_, trash_place(parent_ / name, name), pooled_admin(name).filename());
}

// A kill may have come when a plan had taken the one and not yet the other.
fs::path LeftTrees::pooled_admin(const std::string& name) const {
  const fs::path admins = layout_.common_directory / "worktrees";
  const std::string link = (trash_place(parent_ / name, name) / ".git").native() + "\n";
  std::error_code error;
  if (fs::exists(admins / name, error)) return admins / name;
  for (fs::directory_iterator it(admins, error), end; !error && it != end; it.increment(error))
    if (read_text(it->path() / "gitdir") == link) return it->path();
  return admins / name;
}

std::set<std::string> LeftTrees::names_of_pool(const PhaseNames& names) const {
  std::set<std::string> found;
  const auto look = [&found, &names](const fs::path& parent, const std::string& start) {
    std::error_code error;
    for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename();
      if (name.starts_with(start) && names.is_pooled(name.substr(start.size())))
        found.insert(name.substr(start.size()));
    }
  };
  look(layout_.common_directory / "worktrees", "");
  look(parent_, trash_place({}, ""));
  return found;
}

// Whether a tree on no branch holds more than the commit that it was left at, or put to. What a
// program that was killed had removed already is none. What cannot be told counts.
bool LeftTrees::has_detached_changes(const PlanWorktree& tree) const {
  std::error_code error;
  if (!fs::exists(tree.directory(), error)) return false;
  const auto head = parse_id(tree.head_text());
  if (!head) return true;
  const auto wanted = tree_id_of(repository_, *head);
  auto files = tree.files();
  if (!wanted || !files) return true;
  files->compare_with(*wanted);
  const auto changes = files->scan();
  return !changes || std::any_of(changes->begin(), changes->end(), [](const auto& change) {
    return change.kind != ports::ChangeKind::deleted;
  });
}

void LeftTrees::find_pooled(const std::string& phase, bool is_locked,
                            std::vector<Leftover>& found) const {
  for (const std::string& name : names_of_pool(PhaseNames(phase))) {
    const PlanWorktree tree = pooled(name);
    Leftover leftover;
    leftover.kind = LeftoverKind::pooled_tree;
    leftover.name = name;
    leftover.phase = phase;
    leftover.has_changes = !is_locked || has_detached_changes(tree);
    leftover.is_reached = true;
    found.push_back(std::move(leftover));
  }
}

Result<std::string> LeftTrees::keep_detached(const PlanWorktree& tree,
                                             const std::string& reference) const {
  // There, if only for the index.
  KON_TRY_VOID(tree.make_directories());
  auto parent = parse_id(tree.head_text());
  if (!parent || !find_commit(repository_, *parent)) {
    KON_TRY(const auto head, read_ref(repository_, "HEAD"));
    if (!head) return Error{ErrorCode::not_found, "the repository has no commit"};
    parent = *head;
  }
  KON_TRY(const git_oid before, tree_id_of(repository_, *parent));
  KON_TRY(WorkTree files, tree.files());
  files.compare_with(before);
  KON_TRY(const git_oid after, files.capture(before));
  if (after == before) return std::string();
  KON_TRY(const Signature identity, find_identity(repository_));
  KON_TRY(const git_oid commit,
          write_commit(repository_, *identity,
                       CommitParts{after, {*parent}, "Work kept aside from an unused tree\n"}));
  return keep_commit(repository_, reference, commit, "keep aside");
}

Result<std::string> LeftTrees::remove_pooled(const std::string& name, const std::string& run,
                                             bool is_kept) const {
  std::string kept;
  if (is_kept) {
    KON_TRY(kept, keep_detached(pooled(name), "refs/konductor/" + safe_name(run) + "/cleaned/" +
                                                  safe_name(name)));
  }
  // In this order, so that a kill leaves what is found again.
  KON_TRY_VOID(remove_path(trash_place(parent_ / name, name)));
  KON_TRY_VOID(remove_path(layout_.common_directory / "worktrees" / name));
  return kept;
}

void LeftTrees::find(const std::string& phase, bool is_locked, std::vector<Leftover>& found) const {
  find_plans(phase, is_locked, found);
  find_pooled(phase, is_locked, found);
}

Result<std::string> LeftTrees::remove(const Leftover& leftover, const std::string& run) const {
  if (leftover.kind == LeftoverKind::pooled_tree)
    return remove_pooled(leftover.name, run, leftover.has_changes);
  if (PhaseNames(leftover.phase).plan_of_review_copy(leftover.name))
    return remove_copy(leftover, run);
  return remove_plan(leftover, run);
}

Result<void> LeftTrees::remove_trash(const std::string& phase) const {
  return git::remove_trash(parent_, [names = PhaseNames(phase)](std::string_view name) {
    return names.is_trash(name) && !names.is_pooled(name);
  });
}

}  // namespace konductor::platform::git
