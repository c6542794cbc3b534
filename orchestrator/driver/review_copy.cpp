// SPDX-License-Identifier: MIT
#include "driver/review_copy.hpp"

#include "driver/workspace_setup.hpp"

namespace konductor::driver {

namespace {

PlanTree& copy_of(RunShared& shared, int plan) {
  PlanTree& tree = *shared.trees.at(plan);
  if (tree.copy == nullptr) tree.copy = std::make_unique<PlanTree>();
  return *tree.copy;
}

}  // namespace

bool wants_copy(const RunShared& shared, engine::Action action) {
  if (!engine::is_review(action) || !shared.ports.workspaces.has_copies()) return false;
  switch (shared.facts.config.review.workspace) {
    case config::ReviewWorkspace::copy:
      return true;
    case config::ReviewWorkspace::shared:
      return false;
    case config::ReviewWorkspace::automatic:
      break;
  }
  // What it does may take longer than a review.
  return shared.facts.config.workspace.setup.empty();
}

Task<Result<void>> ReviewCopy::open(int plan, std::string commit) {
  PlanTree& copy = copy_of(shared_, plan);
  auto job = [this, plan, &copy, &commit] { return stand_at(plan, copy, commit); };
  const Result<void> stands = co_await offload(shared_.ports.work_pool, std::move(job));
  KON_CO_TRY_VOID(stands);
  if (!copy.workspace.is_fresh) co_return Result<void>();
  WorkspaceSetup setup(shared_);
  Result<void> done = co_await setup.run(copy.workspace);
  KON_CO_TRY_VOID(done);
  copy.workspace.is_fresh = false;
  // What it left among the files is not the work, and not the reviewer's.
  auto tidy = [this, &copy, &commit] {
    return shared_.ports.workspaces.reset(copy.workspace, commit);
  };
  done = co_await offload(shared_.ports.work_pool, std::move(tidy));
  co_return done;
}

Task<Result<void>> ReviewCopy::enter(int plan, std::string commit) {
  PlanTree& copy = copy_of(shared_, plan);
  auto job = [this, plan, &copy, &commit]() -> Result<void> {
    KON_TRY(ports::Workspace workspace,
            shared_.ports.workspaces.open_copy(plan, commit, ports::TreeUse::occupied));
    return take(copy, std::move(workspace));
  };
  Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

Result<void> ReviewCopy::stand_at(int plan, PlanTree& copy, const std::string& commit) {
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  if (copy.clean_at == commit) {
    KON_TRY(const bool stands, workspaces.is_at(copy.workspace, commit));
    if (stands) return {};
  }
  copy.clean_at.clear();
  KON_TRY(ports::Workspace workspace, workspaces.open_copy(plan, commit, ports::TreeUse::idle));
  KON_TRY_VOID(take(copy, std::move(workspace)));
  if (copy.workspace.is_fresh) KON_TRY_VOID(WorkspaceSetup(shared_).copy_files(copy.workspace));
  copy.clean_at = commit;
  return {};
}

// What it holds of `.konductor` is what has to be there from now on.
Result<void> ReviewCopy::take(PlanTree& copy, ports::Workspace workspace) const {
  copy.workspace = std::move(workspace);
  copy.files = std::make_unique<ProtectedFiles>(shared_.ports.files, shared_.ports.change_watcher,
                                                copy.workspace.directory / ".konductor");
  copy.files->begin();
  return {};
}

}  // namespace konductor::driver
