// SPDX-License-Identifier: MIT
#include "platform/git_left_trees.hpp"

#include <charconv>

#include "platform/git_refs.hpp"
#include "platform/git_workspaces.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;
using engine::Leftover;
using engine::LeftoverKind;

namespace {

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int> plan_of_name(std::string_view name) {
  const std::string_view plan = "plan-";
  if (name == "holistic") return 0;
  if (!begins_with(name, plan)) return std::nullopt;
  return number_of(name.substr(plan.size()));
}

PlanWorktree LeftTrees::tree(const std::string& phase, int plan) const {
  const PhaseNames names(phase);
  return PlanWorktree(layout_, parent_, names.worktree(plan), names.branch(plan));
}

// Known to the repository, or lying where they are made.
std::map<std::string, int> LeftTrees::names_of_plans(const PhaseNames& names) const {
  std::map<std::string, int> found;
  for (const fs::path& parent : {layout_.common_directory / "worktrees", parent_}) {
    std::error_code error;
    for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename();
      if (!begins_with(name, names.phase + "-")) continue;
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

void LeftTrees::find(const std::string& phase, std::vector<Leftover>& found) const {
  const PhaseNames names(phase);
  for (const auto& [name, plan] : names_of_plans(names)) {
    const PlanWorktree plan_tree = tree(phase, plan);
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
    if (branch && *branch) leftover.commit = hex(**branch);
    const bool is_half_made = state == PlanWorktree::State::missing;
    leftover.has_changes = !is_half_made && has_changes(plan_tree, names.branch(plan));
    // Its files are those of its branch, which is looked at by itself.
    leftover.is_reached = true;
    found.push_back(std::move(leftover));
  }
}

Result<std::string> LeftTrees::remove(const Leftover& leftover, const std::string& run) const {
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

}  // namespace konductor::platform::git
