// SPDX-License-Identifier: MIT
#include "platform/git_snapshot_workspaces.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "platform/git_diff.hpp"
#include "platform/git_files.hpp"
#include "platform/git_graph.hpp"
#include "platform/git_guard.hpp"
#include "platform/git_layout.hpp"
#include "platform/git_phase.hpp"
#include "platform/git_refs.hpp"
#include "platform/git_tree.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;
using git::Repository;
using git::WorkTree;
using ports::FileChange;
using ports::PlanNumber;
using ports::Workspace;

fs::path snapshot_store(const fs::path& root) {
  return root / git::kProjectFolder / "worktrees" / "snapshots.git";
}

namespace {

// Names the plan whose attempt is at work; what a killed engine leaves tells the next one that the
// folder's changes are that attempt's.
fs::path attempt_file(const fs::path& root, const git::PhaseNames& names) {
  return snapshot_store(root) / ("attempt-" + names.phase);
}

}  // namespace

bool is_attempt_cut_short(const fs::path& root, const std::string& phase, PlanNumber plan) {
  return git::read_text(attempt_file(root, git::PhaseNames(phase))) == plan_text(plan);
}

class GitSnapshotWorkspaces::Parts {
 public:
  explicit Parts(WorkspacesOptions given)
      : options(std::move(given)), names(options.phase), store(snapshot_store(options.root)) {
    std::error_code error;
    const fs::path root = fs::weakly_canonical(options.root, error);
    layout.root = layout.top = error ? options.root : root;
    layout.git_directory = layout.common_directory = store;
  }

  Result<void> make_store() const {
    git::ensure_library();
    // Whoever calls this holds the phase: what is locked was left by a killed engine.
    git::remove_locks(store / names.branches, git::Depth::all);
    git::remove_locks(store / "refs" / "konductor" / names.phase, git::Depth::all);
    git::remove_dead_objects(store / "objects");
    KON_TRY_VOID(git::remove_path(store / "HEAD.lock"));
    if (!fs::exists(store)) KON_TRY_VOID(make_store_aside());
    if (!fs::exists(store / "HEAD")) KON_TRY_VOID(init(store));
    // Copies are exact, whatever the project's attributes and the user's settings say.
    KON_TRY_VOID(git::ensure_text(store / "info" / "attributes",
                                  "* -text -eol -ident -filter -working-tree-encoding\n"));
    return {};
  }

  Result<void> init(const fs::path& directory) const {
    KON_TRY_VOID(git::remove_path(directory / "config.lock"));
    git_repository_init_options how = git::made_by(git_repository_init_options_init);
    // Templates would bring hooks and settings of the user's.
    how.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
    Repository repository;
    return git::check(git_repository_init_ext(git::receive(repository), directory.c_str(), &how),
                      "cannot make " + quote(store.native()));
  }

  // So that it is there whole or not at all.
  Result<void> make_store_aside() const {
    const fs::path aside = store.native() + ".new-" + names.phase;
    KON_TRY_VOID(git::remove_path(aside));
    KON_TRY_VOID(init(aside));
    std::error_code error;
    fs::rename(aside, store, error);
    if (!error) return {};
    KON_TRY_VOID(git::remove_path(aside));
    // Another phase's engine may have made it at the same time.
    if (fs::exists(store)) return {};
    return error_from_errno(error.value(), "cannot make " + quote(store.native()));
  }

  Result<WorkTree> files() const {
    // Own index for each phase: two phases may be at work at once.
    git::WorkTreeOptions tree{store, layout.top, store / ("index-" + names.phase),
                              git::kProjectFolder, ""};
    // What the repository around keeps out of sight stays out of sight.
    if (const auto rules = git::read_text(layout.top / ".git" / "info" / "exclude"))
      tree.ignore_rules = *rules + "\n";
    return WorkTree::open(std::move(tree));
  }

  // The folder as a commit on top of `parent`, which it is itself when nothing differs.
  Result<git_oid> take(WorkTree& files, const std::optional<git_oid>& parent,
                       const std::string& message) const {
    KON_TRY(const git_oid empty, empty_tree(files));
    git_oid before = empty;
    if (parent) {
      KON_TRY(before, git::tree_id_of(files.repository(), *parent));
    }
    files.compare_with(before);
    KON_TRY(const git_oid tree, files.capture(empty));
    if (parent && tree == before) return *parent;
    git::Signature identity;
    KON_TRY_VOID(
        git::check(git_signature_now(git::receive(identity), "konductor", "konductor@localhost"),
                   "cannot make a signature"));
    git::CommitParts parts{tree, {}, message};
    if (parent) parts.parents.push_back(*parent);
    return git::write_commit(files.repository(), *identity, parts);
  }

  static Result<git_oid> empty_tree(const WorkTree& files) {
    git::Index index;
    git_oid id{};
    KON_TRY_VOID(git::check(git_index_new(git::receive(index)), "cannot make an index"));
    KON_TRY_VOID(git::check(git_index_write_tree_to(&id, index.get(), files.repository()),
                            "cannot write a tree"));
    return id;
  }

  // The last state that the engine knows, whichever plan's it is.
  Result<std::optional<git_oid>> last(git_repository* repository) const {
    return git::read_ref(repository, last_name());
  }
  std::string last_name() const { return "refs/konductor/" + names.phase + "/last"; }
  std::string base_name(PlanNumber plan) const {
    return "refs/konductor/" + names.phase + "/base-" + plan_text(plan);
  }

  // Moves the plan's branch, and the mark of the last known state, to a commit.
  Result<void> put(git_repository* repository, PlanNumber plan, const git_oid& id) const {
    KON_TRY_VOID(git::write_ref(repository, last_name(), id, "snapshot"));
    return git::write_ref(repository, names.branch(plan), id, "snapshot");
  }

  std::string kept_prefix(PlanNumber plan) const {
    return "refs/konductor/" + git::safe_name(options.run) + "/touched/plan-" + plan_text(plan);
  }
  // The plan's last snapshot gets a reference of its own when `id` does not reach it.
  Result<void> keep_all_beyond(git_repository* repository, PlanNumber plan,
                               const git_oid& id) const {
    KON_TRY(const auto branch, git::read_ref(repository, names.branch(plan)));
    if (!branch) return {};
    KON_TRY(const bool is_reached, git::is_ancestor(repository, *branch, id));
    if (is_reached) return {};
    const std::string name = kept_prefix(plan) + "/" + git::short_hex(*branch);
    KON_TRY_VOID(git::keep_commit(repository, name, *branch, "keep"));
    return {};
  }

  Result<void> begin_attempt(PlanNumber plan) const {
    return git::write_text(attempt_file(options.root, names), plan_text(plan));
  }
  bool was_cut_short(PlanNumber plan) const {
    return is_attempt_cut_short(options.root, options.phase, plan);
  }
  Result<void> end_attempt() const { return git::remove_path(attempt_file(options.root, names)); }

  Result<Repository> open_store() const { return git::open_repository(store); }

  const WorkspacesOptions options;
  const git::PhaseNames names;
  const fs::path store;
  git::Layout layout;
};

GitSnapshotWorkspaces::GitSnapshotWorkspaces(WorkspacesOptions options)
    : parts_(std::make_unique<Parts>(std::move(options))) {}
GitSnapshotWorkspaces::~GitSnapshotWorkspaces() = default;

Result<void> GitSnapshotWorkspaces::prepare() {
  KON_TRY_VOID(parts_->make_store());
  KON_TRY(WorkTree files, parts_->files());
  KON_TRY_VOID(git::check_branch_places(files.repository(), parts_->names));
  KON_TRY(const auto base, git::read_ref(files.repository(), parts_->names.base));
  if (base) return {};
  KON_TRY(const git_oid first, parts_->take(files, std::nullopt, "Before the phase\n"));
  for (const std::string& name :
       {parts_->last_name(), parts_->names.integration, parts_->names.base})
    KON_TRY_VOID(git::write_ref(files.repository(), name, first, "begin the phase"));
  return {};
}

Result<Workspace> GitSnapshotWorkspaces::open(PlanNumber plan, ports::TreeUse) {
  KON_TRY(WorkTree files, parts_->files());
  git_repository* repository = files.repository();
  KON_TRY(const auto last, parts_->last(repository));
  KON_TRY(const auto branch, git::read_ref(repository, parts_->names.branch(plan)));
  git_oid head{};
  if (branch && parts_->was_cut_short(plan)) {
    head = *branch;
  } else {
    KON_TRY(head,
            parts_->take(files, last, "Found at the start of plan " + plan_text(plan) + "\n"));
    KON_TRY_VOID(parts_->put(repository, plan, head));
  }
  KON_TRY(auto base, git::read_ref(repository, parts_->base_name(plan)));
  if (!base) {
    KON_TRY_VOID(git::write_ref(repository, parts_->base_name(plan), head, "begin a plan"));
    base = head;
  }
  Workspace workspace;
  workspace.plan = plan;
  workspace.directory = parts_->layout.root;
  workspace.base = git::hex(*base);
  workspace.head = git::hex(head);
  return workspace;
}

Result<std::string> GitSnapshotWorkspaces::snapshot(const Workspace& workspace,
                                                    const ports::CommitText& text) {
  KON_TRY(WorkTree files, parts_->files());
  KON_TRY(const git_oid head, git::parse_id(workspace.head));
  KON_TRY(const git_oid taken, parts_->take(files, head, text.message));
  KON_TRY_VOID(parts_->put(files.repository(), workspace.plan, taken));
  KON_TRY_VOID(parts_->end_attempt());
  return git::hex(taken);
}

Result<std::vector<FileChange>> GitSnapshotWorkspaces::changes(const std::string& from,
                                                               const std::string& to) {
  KON_TRY(const Repository repository, parts_->open_store());
  return git::changes_between(repository.get(), parts_->layout, from, to);
}

Result<std::string> GitSnapshotWorkspaces::patch(const std::string& from, const std::string& to,
                                                 std::size_t bytes_max,
                                                 const std::vector<std::string>& paths) {
  KON_TRY(const Repository repository, parts_->open_store());
  return git::patch_between(repository.get(), parts_->layout, from, to, bytes_max, paths);
}

Result<std::string> GitSnapshotWorkspaces::file_at(const std::string& commit,
                                                   const std::string& path) {
  KON_TRY(const Repository repository, parts_->open_store());
  return git::file_in_commit(repository.get(), parts_->layout, commit, path);
}

Result<std::vector<FileChange>> GitSnapshotWorkspaces::dirt(const Workspace&,
                                                            const std::string& commit) {
  KON_TRY(WorkTree files, parts_->files());
  KON_TRY(const git_oid id, git::parse_id(commit));
  KON_TRY(const git_oid tree, git::tree_id_of(files.repository(), id));
  files.compare_with(tree);
  return files.scan();
}

Result<bool> GitSnapshotWorkspaces::is_at(const Workspace& workspace, const std::string& commit) {
  KON_TRY(const Repository repository, parts_->open_store());
  KON_TRY(const auto head, git::read_ref(repository.get(), parts_->names.branch(workspace.plan)));
  return head && git::hex(*head) == commit;
}

Result<void> GitSnapshotWorkspaces::reset(const Workspace& workspace, const std::string& commit) {
  KON_TRY(WorkTree files, parts_->files());
  KON_TRY(const git_oid id, git::parse_id(commit));
  KON_TRY(const git_oid tree, git::tree_id_of(files.repository(), id));
  KON_TRY_VOID(parts_->keep_all_beyond(files.repository(), workspace.plan, id));
  KON_TRY_VOID(files.restore(tree));
  KON_TRY_VOID(parts_->put(files.repository(), workspace.plan, id));
  return parts_->end_attempt();
}

Result<void> GitSnapshotWorkspaces::show(const Workspace& workspace, const std::string& commit) {
  KON_TRY(WorkTree files, parts_->files());
  KON_TRY(const git::Commit wanted, git::find_named_commit(files.repository(), commit));
  // What a killed engine leaves of this is not a person's work.
  KON_TRY_VOID(parts_->begin_attempt(workspace.plan));
  return files.restore(*git_commit_tree_id(wanted.get()));
}

Result<std::string> GitSnapshotWorkspaces::save_aside(const Workspace& workspace,
                                                      std::string_view run, std::string_view name) {
  KON_TRY(WorkTree files, parts_->files());
  KON_TRY(const git_oid head, git::parse_id(workspace.head));
  KON_TRY(const git_oid taken,
          parts_->take(files, head, "Work kept aside from " + std::string(name) + "\n"));
  if (taken == head) return std::string();
  const std::string reference =
      "refs/konductor/" + git::safe_name(run) + "/" + git::safe_path(name);
  return git::keep_commit(files.repository(), reference, taken, "keep aside");
}

Result<ports::GuardState> GitSnapshotWorkspaces::guard(const Workspace& workspace) {
  KON_TRY_VOID(parts_->begin_attempt(workspace.plan));
  const auto around = git::find_layout(parts_->layout.root);
  if (!around) return ports::GuardState{};
  KON_TRY(const Repository repository, git::open_repository(around->git_directory));
  KON_TRY(git::Guarded found, git::look_at_guarded(repository.get()));
  return ports::GuardState{std::make_shared<const git::Guarded>(std::move(found))};
}

Result<std::vector<std::string>> GitSnapshotWorkspaces::restore_guarded(
    const Workspace& workspace, const ports::GuardState& before) {
  KON_TRY_VOID(parts_->end_attempt());
  std::vector<std::string> lines;
  if (before.record == nullptr) return lines;
  const auto record = std::static_pointer_cast<const git::Guarded>(before.record);
  const auto around = git::find_layout(parts_->layout.root);
  const fs::path& directory = around ? around->common_directory : record->directory;
  KON_TRY_VOID(git::put_files_back(directory, *record, lines));
  KON_TRY(const Repository repository, git::open_repository(directory));
  const git::RefExpectation expectation = [](const std::string& name, const std::string& value) {
    const bool may_be_new =
        name.rfind("refs/tags/", 0) == 0 || name.rfind("refs/konductor/", 0) == 0;
    return may_be_new && value.empty() ? std::nullopt : std::optional<std::string>(value);
  };
  const std::string kept = parts_->kept_prefix(workspace.plan);
  KON_TRY_VOID(git::put_refs_back(repository.get(), *record, expectation, kept, lines));
  return lines;
}

Result<ports::MergeResult> GitSnapshotWorkspaces::merge(PlanNumber plan, const ports::CommitText&) {
  KON_TRY(const Repository repository, parts_->open_store());
  KON_TRY(const auto head, git::read_ref(repository.get(), parts_->names.branch(plan)));
  if (!head)
    return Error{ErrorCode::not_found, "plan " + plan_text(plan) + " has no snapshot to merge"};
  KON_TRY_VOID(
      git::write_ref(repository.get(), parts_->names.integration, *head, "complete a plan"));
  return ports::MergeResult{true, git::hex(*head), {}};
}

Result<std::string> GitSnapshotWorkspaces::write_conflict(PlanNumber, const ports::ConflictLabels&,
                                                          const ports::CommitText&) {
  return Error{ErrorCode::not_found, "plans that are worked on in place have no conflicts"};
}

Result<bool> GitSnapshotWorkspaces::is_made_from(const std::string& commit,
                                                 const std::string& start) {
  return commit == start;
}

Result<std::vector<ports::PredictedConflict>> GitSnapshotWorkspaces::predict_conflicts(PlanNumber) {
  return std::vector<ports::PredictedConflict>{};
}

Result<std::string> GitSnapshotWorkspaces::phase_base() {
  KON_TRY(const Repository repository, parts_->open_store());
  KON_TRY(const auto base, git::read_ref(repository.get(), parts_->names.base));
  if (!base) return Error{ErrorCode::not_found, "the phase has no first snapshot"};
  return git::hex(*base);
}

Result<std::string> GitSnapshotWorkspaces::integration_head() {
  KON_TRY(const Repository repository, parts_->open_store());
  KON_TRY(const auto head, git::read_ref(repository.get(), parts_->names.integration));
  if (!head) return Error{ErrorCode::not_found, "the phase has no first snapshot"};
  return git::hex(*head);
}

Result<ports::Delivery> GitSnapshotWorkspaces::deliver() {
  return ports::Delivery{true, "in place", ""};
}

Result<void> GitSnapshotWorkspaces::close(PlanNumber) {
  return parts_->end_attempt();
}

Result<void> GitSnapshotWorkspaces::release() {
  return {};
}

}  // namespace konductor::platform
