// SPDX-License-Identifier: MIT
#include "platform/git_cleanup.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_places.hpp"
#include "platform/git_reach.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_snapshot_workspaces.hpp"
#include "platform/git_worktree.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using engine::Leftover;
using engine::LeftoverKind;
using git::PhaseNames;

namespace {

constexpr std::string_view kBranches = "refs/heads/konductor/";
constexpr std::string_view kKept = "refs/konductor/";

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool is_ours(std::string_view name) {
  return begins_with(name, kBranches) || begins_with(name, kKept);
}

// Stands in the git directory while references are removed.
constexpr const char* kNote = "konductor-cleaning";
constexpr const char* kPackedLock = "packed-refs.lock";
constexpr int kPauseMilliseconds = 50;
constexpr int kPatienceMilliseconds = 500;  // A living program holds that lock for milliseconds.

struct FileStamp {
  ino_t inode = 0;
  off_t size = 0;
  timespec changed{};
};

std::optional<FileStamp> stamp_of(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return FileStamp{status.st_ino, status.st_size, status.st_mtim};
}

bool is_older(const timespec& left, const timespec& right) {
  return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec : left.tv_nsec < right.tv_nsec;
}

// Made since the clean began that never ended, and nobody touches it.
void remove_dead_packed_lock(const fs::path& lock, const FileStamp& began) {
  const auto first = stamp_of(lock);
  if (!first || is_older(first->changed, began.changed)) return;
  for (int waited = 0; waited < kPatienceMilliseconds; waited += kPauseMilliseconds) {
    ::poll(nullptr, 0, kPauseMilliseconds);
    const auto now = stamp_of(lock);
    if (!now || now->inode != first->inode || now->size != first->size) return;
  }
  ::unlink(lock.c_str());
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

// "plan-002" is 2, "holistic" is 0.
std::optional<int> plan_of(std::string_view name) {
  const std::string_view plan = "plan-";
  if (name == "holistic") return 0;
  if (!begins_with(name, plan)) return std::nullopt;
  name.remove_prefix(plan.size());
  int number = 0;
  const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || rest != name.data() + name.size() || number < 1) return std::nullopt;
  return number;
}

}  // namespace

struct GitCleanup::Parts {
  git::Layout layout;
  fs::path worktree_parent;  // Empty in a store.
  git::Repository repository;

  git_repository* get() const { return repository.get(); }
  bool is_store() const { return worktree_parent.empty(); }

  git::PlanWorktree tree(const std::string& phase, int plan) const {
    const PhaseNames names(phase);
    return git::PlanWorktree(layout, worktree_parent, names.worktree(plan), names.branch(plan));
  }

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
            return begins_with(name, std::string(kKept) + git::safe_name(run) + "/");
          });
      if (!begins_with(name, names.branches) && !begins_with(name, notes) && !is_run) continue;
      found.phase = owner.phase;
      if (is_run) return found;
      found.kind = LeftoverKind::phase_note;
      if (name == names.integration) found.kind = LeftoverKind::integration;
      if (!begins_with(name, names.branches) || name == names.integration) return found;
      const auto plan = plan_of(std::string_view(name).substr(names.branches.size()));
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
      const bool is_state = begins_with(name, kBranches) || fs::path(name).filename() == "last";
      if (is_store() ? !is_state : is_ours(name)) continue;
      if (const auto commit = commit_of(get(), name); commit) found.push_back(*commit);
    }
    if (is_store()) return found;
    KON_TRY(const auto head, git::read_ref(get(), "HEAD"));
    if (head && !is_ours(git::symbolic_target(get(), "HEAD"))) found.push_back(*head);
    return found;
  }

  // Names of trees of a phase, known to the repository or lying where they are made.
  std::map<std::string, int> tree_names(const PhaseNames& names) const {
    std::map<std::string, int> found;
    for (const fs::path& parent : {layout.common_directory / "worktrees", worktree_parent}) {
      std::error_code error;
      for (fs::directory_iterator it(parent, error), end; !error && it != end;
           it.increment(error)) {
        const std::string name = it->path().filename();
        if (!begins_with(name, names.phase + "-")) continue;
        const auto plan = plan_of(std::string_view(name).substr(names.phase.size() + 1));
        if (plan && names.worktree(*plan) == name) found[name] = *plan;
      }
    }
    return found;
  }

  // Whether a tree holds what no branch does. What cannot be told counts.
  bool has_changes(const git::PlanWorktree& tree, const std::string& branch) const {
    if (tree.state() != git::PlanWorktree::State::ready) return true;
    const auto head = git::read_ref(get(), branch);
    if (!head || !*head || tree.head_text() != tree.own_head_text()) return true;
    const auto wanted = git::tree_id_of(get(), **head);
    auto files = tree.files();
    if (!wanted || !files) return true;
    files->compare_with(*wanted);
    const auto changes = files->scan();
    return !changes || !changes->empty();
  }

  void add_trees(const std::string& phase, std::vector<Leftover>& found) const {
    const PhaseNames names(phase);
    for (const auto& [name, plan] : tree_names(names)) {
      const git::PlanWorktree plan_tree = tree(phase, plan);
      const auto state = plan_tree.state();
      std::error_code error;
      const bool is_known = fs::exists(layout.common_directory / "worktrees" / name, error);
      if (state == git::PlanWorktree::State::foreign) continue;
      // A folder with such a name that nobody knows may be anybody's.
      if (state == git::PlanWorktree::State::missing && !is_known) continue;
      Leftover leftover;
      leftover.kind = LeftoverKind::worktree;
      leftover.name = name;
      leftover.phase = phase;
      leftover.plan = plan;
      const auto branch = git::read_ref(get(), names.branch(plan));
      if (branch && *branch) leftover.commit = git::hex(**branch);
      const bool is_half_made = state == git::PlanWorktree::State::missing;
      leftover.has_changes = !is_half_made && has_changes(plan_tree, names.branch(plan));
      // Its files are those of its branch, which is looked at by itself.
      leftover.is_reached = true;
      found.push_back(std::move(leftover));
    }
  }

  Result<std::string> remove_tree(const Leftover& leftover, const std::string& run) const {
    const git::PlanWorktree plan_tree = tree(leftover.phase, leftover.plan);
    std::string kept;
    if (leftover.has_changes) {
      if (plan_tree.state() == git::PlanWorktree::State::unlinked) KON_TRY_VOID(plan_tree.adopt());
      WorkspacesOptions options;
      options.root = layout.root;
      options.phase = leftover.phase;
      options.run = run;
      options.worktree_dir = worktree_parent;
      ports::Workspace workspace;
      workspace.plan = leftover.plan;
      workspace.directory = plan_tree.directory();
      workspace.head = leftover.commit;
      // Somebody removed its branch.
      if (workspace.head.empty()) {
        KON_TRY(const auto head, git::read_ref(get(), "HEAD"));
        if (head) workspace.head = git::hex(*head);
      }
      KON_TRY(kept, GitWorkspaces(options).save_aside(workspace, run, "cleaned/" + leftover.name));
    }
    KON_TRY_VOID(plan_tree.remove());
    return kept;
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
      parts_->add_trees(owner.phase, found);
  return found;
}

Result<std::string> GitCleanup::remove(const Leftover& leftover, const std::string& run) const {
  if (leftover.kind == LeftoverKind::worktree) return parts_->remove_tree(leftover, run);
  KON_TRY_VOID(git::remove_ref(parts_->get(), leftover.name));
  if (!git::ref_value(parts_->get(), leftover.name).empty())
    return Error{ErrorCode::environment,
                 "cannot remove the reference " + quote(leftover.name) +
                     ": another program holds " +
                     quote((parts_->layout.common_directory / kPackedLock).native()) +
                     "; if none does, remove that file"};
  return std::string();
}

Result<void> GitCleanup::begin() const {
  return git::write_text(parts_->layout.common_directory / kNote, "");
}

Result<void> GitCleanup::end() const {
  return git::remove_path(parts_->layout.common_directory / kNote);
}

Result<void> GitCleanup::tidy(const std::set<std::string>& phases) const {
  const fs::path& common = parts_->layout.common_directory;
  for (const std::string& phase : phases) {
    const PhaseNames names(phase);
    git::remove_empty_directories(common / names.branches, common / "refs" / "heads");
    git::remove_empty_directories(common / "refs" / "konductor" / names.phase, common / "refs");
  }
  if (parts_->is_store()) return {};
  for (const std::string& phase : phases)
    KON_TRY_VOID(git::remove_trash(parts_->worktree_parent, PhaseNames(phase).phase + "-"));
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
  KON_TRY_VOID(git::remove_trash(parent, parts_->layout.common_directory.filename()));
  git::remove_empty_directories(parent, parent.parent_path());
  return {};
}

fs::path reference_directory(const fs::path& root, std::string_view isolation) {
  if (isolation == "none") return snapshot_store(root);
  const auto layout = git::find_layout(root);
  return layout ? layout->common_directory : fs::path();
}

bool may_have_dead_locks(const fs::path& git_directory) {
  std::error_code error;
  if (git_directory.empty()) return false;
  if (fs::exists(git_directory / kNote, error)) return true;
  for (fs::recursive_directory_iterator it(git_directory / "refs" / "konductor", error), end;
       !error && it != end; it.increment(error))
    if (it->path().extension() == ".lock") return true;
  return false;
}

Result<void> remove_dead_locks(const fs::path& git_directory, const PhaseOwner& owner) {
  if (git_directory.empty()) return {};
  const PhaseNames names(owner.phase);
  const fs::path kept = git_directory / "refs" / "konductor";
  git::remove_locks(git_directory / names.branches, git::Depth::all);
  git::remove_locks(kept / names.phase, git::Depth::all);
  for (const std::string& run : owner.runs)
    git::remove_locks(kept / git::safe_name(run), git::Depth::all);
  const auto began = stamp_of(git_directory / kNote);
  if (!began) return {};
  remove_dead_packed_lock(git_directory / kPackedLock, *began);
  return git::remove_path(git_directory / kNote);
}

}  // namespace konductor::platform
