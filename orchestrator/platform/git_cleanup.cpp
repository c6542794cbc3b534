// SPDX-License-Identifier: MIT
#include "platform/git_cleanup.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_left_trees.hpp"
#include "platform/git_overlays.hpp"
#include "platform/git_places.hpp"
#include "platform/git_reach.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_snapshot_workspaces.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using engine::Leftover;
using engine::LeftoverKind;
using git::PhaseNames;

namespace {

constexpr std::string_view kBranches = "refs/heads/konductor/";
constexpr std::string_view kKept = "refs/konductor/";

bool is_ours(std::string_view name) {
  return name.starts_with(kBranches) || name.starts_with(kKept);
}

// The commit that a reference leads to, through tags; nothing for a note.
std::optional<git_oid> commit_of(git_repository* repository, const std::string& name) {
  git::Reference reference;
  git::Object commit;
  const bool is_commit =
      git_reference_lookup(git::receive(reference), repository, name.c_str()) == 0 &&
      git_reference_peel(git::receive(commit), reference.get(), GIT_OBJECT_COMMIT) == 0;
  git_error_clear();
  if (!is_commit) return std::nullopt;
  return *git_object_id(commit.get());
}

}  // namespace

struct GitCleanup::Parts {
  git::Layout layout;
  fs::path worktree_parent;  // Empty in a store.
  git::Repository repository;

  git_repository* get() const { return repository.get(); }
  bool is_store() const { return worktree_parent.empty(); }

  git::LeftTrees trees() const { return git::LeftTrees(layout, worktree_parent, get()); }

  // Tells branches and references by their names.
  Leftover describe(const std::string& name, const std::vector<PhaseOwner>& owners) const {
    Leftover found;
    found.name = name;
    found.is_in_store = is_store();
    for (const PhaseOwner& owner : owners) {
      const PhaseNames names(owner.phase);
      const std::string notes = std::string(kKept) + names.phase + "/";
      const bool is_run =
          std::any_of(owner.runs.begin(), owner.runs.end(), [&name](const std::string& run) {
            return name.starts_with(std::string(kKept) + git::safe_name(run) + "/");
          });
      if (!name.starts_with(names.branches) && !name.starts_with(notes) && !is_run) continue;
      found.phase = owner.phase;
      if (is_run) return found;
      found.kind = LeftoverKind::phase_note;
      if (name == names.integration) found.kind = LeftoverKind::integration;
      const auto plan = names.plan_of(name);
      if (plan) found.kind = LeftoverKind::plan_branch;
      found.plan = plan.value_or(0);
      return found;
    }
    return found;
  }

  // What is safe whatever goes: the user's own references and HEAD, or the newest states of a
  // store.
  Result<std::vector<git_oid>> tips(const std::vector<std::string>& names) const {
    std::vector<git_oid> found;
    for (const std::string& name : names) {
      const bool is_state = name.starts_with(kBranches) || fs::path(name).filename() == "last";
      if (is_store() ? !is_state : is_ours(name)) continue;
      if (const auto commit = commit_of(get(), name); commit) found.push_back(*commit);
    }
    if (is_store()) return found;
    KON_TRY(const auto head, git::read_ref(get(), "HEAD"));
    if (head && !is_ours(git::symbolic_target(get(), "HEAD"))) found.push_back(*head);
    return found;
  }
};

GitCleanup::GitCleanup(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GitCleanup::GitCleanup(GitCleanup&&) noexcept = default;
GitCleanup& GitCleanup::operator=(GitCleanup&&) noexcept = default;
GitCleanup::~GitCleanup() = default;

Result<GitCleanup> GitCleanup::open(const fs::path& root, const fs::path& worktree_dir) {
  auto parts = std::make_unique<Parts>();
  KON_TRY(parts->layout, git::find_layout(root));
  KON_TRY(parts->repository, git::open_repository(parts->layout.git_directory));
  parts->worktree_parent = git::worktree_parent(parts->layout, worktree_dir);
  return GitCleanup(std::move(parts));
}

Result<std::unique_ptr<GitCleanup>> GitCleanup::open_store(const fs::path& root) {
  std::error_code error;
  const fs::path store = snapshot_store(root);
  if (!fs::exists(store / "HEAD", error)) return std::unique_ptr<GitCleanup>();
  auto parts = std::make_unique<Parts>();
  parts->layout.root = parts->layout.top = root;
  parts->layout.git_directory = parts->layout.common_directory = store;
  KON_TRY(parts->repository, git::open_repository(store));
  return std::unique_ptr<GitCleanup>(std::make_unique<GitCleanup>(GitCleanup(std::move(parts))));
}

Result<std::set<std::string>> GitCleanup::other_phases(const std::set<std::string>& known) const {
  KON_TRY(const auto names, git::list_ref_names(parts_->get(), std::string(kBranches)));
  std::set<std::string> of_known;
  for (const std::string& phase : known)
    of_known.insert(PhaseNames(phase).phase);
  std::set<std::string> found;
  for (const std::string& name : names) {
    const std::string phase(split(std::string_view(name).substr(kBranches.size()), '/').front());
    if (of_known.count(phase) == 0) found.insert(phase);
  }
  return found;
}

Result<std::vector<Leftover>> GitCleanup::find(const std::vector<PhaseOwner>& owners) const {
  KON_TRY(const auto names, git::list_ref_names(parts_->get(), "refs/"));
  std::vector<Leftover> found;
  std::vector<git_oid> commits;
  for (const std::string& name : names) {
    if (!is_ours(name)) continue;
    found.push_back(parts_->describe(name, owners));
    const auto commit = commit_of(parts_->get(), name);
    if (!commit) continue;
    found.back().commit = git::hex(*commit);
    commits.push_back(*commit);
  }
  KON_TRY(const std::vector<git_oid> tips, parts_->tips(names));
  KON_TRY(const std::vector<bool> reached, git::reached_from(parts_->get(), tips, commits));
  std::size_t next = 0;
  for (Leftover& leftover : found)
    if (!leftover.commit.empty()) leftover.is_reached = reached[next++];
  if (!parts_->is_store())
    for (const PhaseOwner& owner : owners)
      parts_->trees().find(owner.phase, !owner.is_held, found);
  return found;
}

Result<std::string> GitCleanup::remove(const Leftover& leftover, const std::string& run) const {
  if (leftover.kind == LeftoverKind::worktree || leftover.kind == LeftoverKind::pooled_tree)
    return parts_->trees().remove(leftover, run);
  KON_TRY_VOID(git::remove_ref(parts_->get(), leftover.name));
  if (!git::ref_value(parts_->get(), leftover.name).empty())
    return Error{ErrorCode::environment,
                 "cannot remove the reference " + quote(leftover.name) +
                     ": another program holds " +
                     quote(packed_lock(parts_->layout.common_directory).native()) +
                     "; if none does, remove that file"};
  return std::string();
}

Result<void> GitCleanup::settle(const std::set<std::string>& phases) const {
  if (parts_->is_store()) return {};
  for (const std::string& phase : phases)
    KON_TRY_VOID(git::settle_overlays(parts_->layout, parts_->worktree_parent, PhaseNames(phase)));
  return {};
}

Result<void> GitCleanup::begin() const {
  return note_cleaning(parts_->layout.common_directory);
}

Result<void> GitCleanup::end() const {
  return end_cleaning(parts_->layout.common_directory);
}

Result<void> GitCleanup::tidy(const std::set<std::string>& phases) const {
  const fs::path& common = parts_->layout.common_directory;
  for (const std::string& phase : phases) {
    const PhaseNames names(phase);
    for (const fs::path& top : {common, common / "logs"}) {
      const fs::path folder = (top / names.branches).parent_path();
      git::remove_hollow_directories(folder);
      git::remove_empty_directories(folder.parent_path(), top / "refs" / "heads");
    }
    git::remove_empty_directories(common / "refs" / "konductor" / names.phase, common / "refs");
  }
  if (parts_->is_store()) return {};
  for (const std::string& phase : phases)
    KON_TRY_VOID(parts_->trees().remove_trash(phase));
  git::remove_empty_directories(parts_->worktree_parent, parts_->layout.root);
  git::remove_empty_directories(common / "worktrees", common);
  return {};
}

Result<bool> GitCleanup::is_empty() const {
  KON_TRY(const auto names, git::list_ref_names(parts_->get(), "refs/"));
  return std::none_of(names.begin(), names.end(), is_ours);
}

Result<void> GitCleanup::remove_store() const {
  KON_TRY_VOID(git::remove_by_rename(parts_->layout.common_directory));
  const fs::path parent = parts_->layout.common_directory.parent_path();
  const std::string store = parts_->layout.common_directory.filename();
  KON_TRY_VOID(git::remove_trash(
      parent, [&store](std::string_view name) { return name.rfind(store, 0) == 0; }));
  git::remove_empty_directories(parent, parent.parent_path());
  return {};
}

}  // namespace konductor::platform
