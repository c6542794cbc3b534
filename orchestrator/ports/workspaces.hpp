// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace konductor::ports {

// Which tree: a plan's, or the phase's own (holistic fixes), which has plan 0.
using PlanNumber = int;

// A tree that attempts work in. `head` is the commit its plan branch is at; of a copy, the commit
// that it was opened at.
struct Workspace {
  PlanNumber plan = 0;
  std::filesystem::path directory;
  std::string base;  // Commit of the integration branch that it was made from.
  std::string head;
  bool is_fresh = false;  // Just made: `workspace.setup` has to run.
  bool is_copy = false;   // Of the plan's tree, on no branch: see Workspaces::open_copy().
};

enum class ChangeKind { added, modified, deleted, type_changed };

struct FileChange {
  ChangeKind kind = ChangeKind::modified;
  std::string path;
  friend bool operator==(const FileChange&, const FileChange&) = default;
};

struct CommitText {
  std::string message;  // Subject, body and trailers.
  // Not empty: the engine's own commit at the workspace's head is replaced by this one instead of
  // being built on, and kept under `refs/konductor/<run>/<this name>`.
  std::string replaces = {};
};

// What stands behind the conflict markers of either side.
struct ConflictLabels {
  std::string ours;    // The plan.
  std::string theirs;  // What was merged before.
};

struct PredictedConflict {
  PlanNumber other = 0;  // 0: what is merged already.
  std::vector<std::string> paths;
};

struct MergeResult {
  bool is_clean = false;
  std::string commit;                  // The integration branch afterwards (unchanged on conflict).
  std::vector<std::string> conflicts;  // Paths.
};

// What only the git program can do: it runs hooks and signs. Its steps are argument lists, run one
// after another in `directory` until one fails.
struct GitWork {
  std::filesystem::path directory = {};
  std::vector<std::vector<std::string>> steps = {};
};

enum class DeliveredAs { fast_forward, merge_commit, working_tree };

// A plan's branch that does not hold all that the plan depends on: that went on after the plan had
// begun on it.
struct BehindBranch {
  std::string branch;
  std::vector<std::string> of;  // The branches that it is behind.
  std::string command;          // Brings it up.
};

struct Delivery {
  bool is_delivered = false;
  std::string detail;   // Why not, or which branch moved where.
  std::string command;  // The one command that brings the result home.
  DeliveredAs as = DeliveredAs::fast_forward;
  // Where every plan keeps a branch of its own: those, each behind what it is based on.
  std::vector<std::string> branches = {};
  std::vector<BehindBranch> behind = {};  // Of those, in the same order.
  // Not delivered yet: to be done before deliver() is called again, or abandon_delivery() when it
  // cannot be done.
  GitWork work = {};
};

// What an attempt may not touch outside its own branch and files: other refs, the git
// configuration, hooks, and where HEAD stands. Only who made it can read
// it.
struct GuardState {
  std::shared_ptr<const void> record;
};

// Whether somebody works in a tree while it is opened: an attempt that outlived its engine.
enum class TreeUse { idle, occupied };

// Isolated trees over one project, with commits as states. Blocking calls; the driver makes them on
// a thread pool. Calls for different plans may come from different threads at once.
class Workspaces {
 public:
  virtual ~Workspaces() = default;

  // "worktree" or "none" (in place: plans must not overlap in time).
  virtual std::string_view isolation() const = 0;

  // Checks, before anything starts, that the project can be worked on; makes the integration branch
  // when it is missing. Errors are `environment` or `invalid_input` and say what to do.
  virtual Result<void> prepare() = 0;

  // What each plan of the phase depends on; said before prepare(). Only who bases plans on one
  // another wants to know.
  virtual void set_dependencies(
      const std::map<PlanNumber, std::vector<PlanNumber>>& dependencies) = 0;

  // The plan's tree: the one that exists, else a new one from the integration branch's tip. Plan 0
  // is a tree of the integration branch itself. Error `conflict` when there is no such state to
  // begin with, because what the plan depends on does not fit together. An idle tree is repaired
  // (locks that nobody holds are removed) and brought up to the integration branch where no work
  // stands in the way; one that is occupied stays as it is.
  virtual Result<Workspace> open(PlanNumber plan, TreeUse use) = 0;
  Result<Workspace> open(PlanNumber plan) { return open(plan, TreeUse::idle); }

  // Whether plans' trees can have copies.
  virtual bool has_copies() const { return false; }
  // A second tree for the plan, for those who judge its work: the files of `commit`, on no branch.
  // There is one for each plan. One that this object has opened before is put to `commit`, and what
  // is ignored stays; one that another engine left is made anew. An occupied one stays as it is.
  // All calls that take a workspace take it, but for snapshot().
  virtual Result<Workspace> open_copy(PlanNumber plan, const std::string& commit, TreeUse use);

  // Commits what the tree holds now (tracked changes and new files that are not ignored; never
  // `.konductor/`) onto the plan's branch, above commits the agent made itself, and returns the new
  // head; the old head when nothing changed.
  virtual Result<std::string> snapshot(const Workspace& workspace, const CommitText& text) = 0;

  // What differs between two commits, `.konductor/` left out, sorted by path.
  virtual Result<std::vector<FileChange>> changes(const std::string& from,
                                                  const std::string& to) = 0;
  // The same, of commits or references that keep some, as a unified patch, cut at `bytes_max` with
  // a line that says so; of the files `paths` alone, unless that is empty.
  virtual Result<std::string> patch(const std::string& from, const std::string& to,
                                    std::size_t bytes_max,
                                    const std::vector<std::string>& paths) = 0;
  Result<std::string> patch(const std::string& from, const std::string& to, std::size_t bytes_max) {
    return patch(from, to, bytes_max, {});
  }
  // Content of a file at a commit; `not_found` when it is not there.
  virtual Result<std::string> file_at(const std::string& commit, const std::string& path) = 0;

  // What the tree holds beyond `commit` right now: changed tracked files and new ones that are not
  // ignored, `.konductor/` left out. A HEAD that is not at `commit` on the plan's branch (of a
  // copy: at `commit` itself, with the branch there, too) is reported as path "HEAD".
  virtual Result<std::vector<FileChange>> dirt(const Workspace& workspace,
                                               const std::string& commit) = 0;

  // Whether the plan's branch is at `commit` and checked out in its tree; says nothing of files.
  virtual Result<bool> is_at(const Workspace& workspace, const std::string& commit) = 0;

  // Puts branch and tree to `commit`: tracked files as they were, new files that are not ignored
  // removed. Ignored files stay.
  virtual Result<void> reset(const Workspace& workspace, const std::string& commit) = 0;

  // Makes the tree's files those of `commit`, or of a reference that keeps one (error `not_found`
  // when it is gone), for a while, as `reset` would, but leaves the plan's branch where it is, so
  // that nothing is forgotten. `reset` to the branch's commit ends it.
  virtual Result<void> show(const Workspace& workspace, const std::string& commit) = 0;

  // Keeps the tree as it stands under `refs/konductor/<run>/<name>`, so that nothing is lost before
  // a reset. Returns the ref's name, or "" when there was nothing beyond `head`.
  virtual Result<std::string> save_aside(const Workspace& workspace, std::string_view run,
                                         std::string_view name) = 0;

  // What an attempt writes besides when it commits in this workspace: what git itself does then.
  // Directories, which are made when they are missing. None in place.
  virtual Result<std::vector<std::filesystem::path>> commit_places(const Workspace& workspace) = 0;

  // State of everything the attempt in this workspace may not touch.
  virtual Result<GuardState> guard(const Workspace& workspace) = 0;
  // Puts back what differs from `before`, and returns one line for each thing that was touched.
  // What the user did in their own checkout meanwhile is left alone.
  virtual Result<std::vector<std::string>> restore_guarded(const Workspace& workspace,
                                                           const GuardState& before) = 0;

  // Merges the plan's branch into the integration branch without a working tree. `text` is for a
  // merge commit; a plan branch that only lies ahead is fast-forwarded. In place it is a no-op
  // whose commit is the plan's head.
  virtual Result<MergeResult> merge(PlanNumber plan, const CommitText& text) = 0;

  // After a conflict: writes the commit that its fix begins from, a merge of the integration branch
  // into the plan's with both sides of what conflicts in it, between markers where it is text. No
  // branch moves; a reference keeps it. Error `not_found` when there is nothing to fix (in place).
  virtual Result<std::string> write_conflict(PlanNumber plan, const ConflictLabels& labels,
                                             const CommitText& text) = 0;

  // Whether the repository has a commit at all. In place nobody else's has what it works with.
  virtual Result<bool> has_commit(const std::string& commit) {
    static_cast<void>(commit);
    return true;
  }

  // Whether a commit is `start`, is built on it, or is the engine's own that took its place.
  virtual Result<bool> is_made_from(const std::string& commit, const std::string& start) = 0;

  // With which other plans that are under way, and with what is merged, the plan's branch would
  // conflict now.
  virtual Result<std::vector<PredictedConflict>> predict_conflicts(PlanNumber plan) = 0;

  // Where the phase's work started (the user's commit when the integration branch was made) and the
  // integration branch's tip.
  virtual Result<std::string> phase_base() = 0;
  virtual Result<std::string> integration_head() = 0;

  // Brings the integration branch home, if the user's branch has not moved since and its working
  // tree is clean: fast-forwards the branch, or does what the settings ask for instead.
  virtual Result<Delivery> deliver() = 0;
  // After the work of a delivery failed: puts the user's checkout back. Returns the reference that
  // keeps what was changed there meanwhile, or "".
  virtual Result<std::string> abandon_delivery() = 0;

  // Takes the plan's tree and its copy from it; its branch and commits stay. Missing is no error.
  virtual Result<void> close(PlanNumber plan) = 0;

  // No plan comes any more: removes what closed ones have left for later ones, and all copies.
  virtual Result<void> release() = 0;
};

inline Result<Workspace> Workspaces::open_copy(PlanNumber, const std::string&, TreeUse) {
  return Error{ErrorCode::internal, "there are no copies of these trees"};
}

}  // namespace konductor::ports
