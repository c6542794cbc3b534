// SPDX-License-Identifier: MIT
#include "driver/plan_finisher.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "driver/workspace_paths.hpp"
#include "driver/workspace_setup.hpp"

namespace konductor::driver {

bool PlanFinisher::is_occupied(int plan) const {
  return std::any_of(shared_.adopted.begin(), shared_.adopted.end(),
                     [plan](const auto& entry) { return entry.first.plan == plan; });
}

Task<Result<Report>> PlanFinisher::open(int plan) {
  auto tree = std::make_unique<PlanTree>();
  PlanTree& opened = *tree;
  const bool is_in_place = shared_.is_in_place();
  // What fixes a merge must not be taken for the plan's work before it is accepted, whatever a
  // crash left undone.
  const engine::PlanRecord& record = *shared_.state().plan(plan);
  const MergeFix fix{record.last_attempt, record.head, record.fix_from};
  opened.left_by_run = record.last_run;
  opened.left_by_attempt = record.last_attempt;
  const auto use = is_occupied(plan) ? ports::TreeUse::occupied : ports::TreeUse::idle;
  WorkspaceSetup setup(shared_);
  auto job = [this, plan, use, &opened, is_in_place, &fix, &setup]() -> Result<void> {
    KON_TRY(opened.workspace, shared_.ports.workspaces.open(plan, use));
    if (opened.workspace.is_fresh && !is_in_place) KON_TRY_VOID(setup.copy_files(opened.workspace));
    if (!is_in_place)
      opened.files =
          std::make_unique<ProtectedFiles>(shared_.ports.files, shared_.ports.change_watcher,
                                           opened.workspace.directory / ".konductor");
    if (opened.files) opened.files->begin();
    return leave_merge_fix(opened, fix);
  };
  const Result<void> made = co_await offload(shared_.ports.work_pool, std::move(job));
  if (made.has_error() && made.error().code == ErrorCode::conflict) {
    engine::PlanMerged merged;
    merged.plan = plan;
    merged.misfit = made.error().message;
    Report refused;
    refused.outcome = std::move(merged);
    co_return refused;
  }
  KON_CO_TRY_VOID(made);
  if (opened.workspace.is_fresh && !is_in_place) {
    const Result<void> set_up = co_await setup.run(opened.workspace);
    KON_CO_TRY_VOID(set_up);
  }
  Report report;
  report.outcome = engine::WorkspaceReady{plan, opened.workspace.base, opened.workspace.head,
                                          opened.workspace.directory.string()};
  shared_.trees[plan] = std::move(tree);
  co_return report;
}

std::string PlanFinisher::merge_message(int plan) const {
  const RunFacts& facts = shared_.facts;
  std::string message;
  if (plan == 0) {
    message = "merge: findings of the holistic review of phase " + facts.phase.id;
  } else {
    const std::string title = shared_.state().plan(plan)->definition.title;
    message = "merge(" + facts.phase.id + "-plan-" + std::to_string(plan) + "): " + title;
  }
  return message + "\n\nKonductor-Run: " + facts.run + "\n";
}

Result<engine::PlanMerged> PlanFinisher::merge(engine::command::complete_plan command,
                                               PlanTree* opened, const std::string& message) {
  const int plan = command.plan;
  engine::PlanMerged merged;
  merged.plan = plan;
  const PlanTree& tree = *opened;
  if (const plan::Plan* found = shared_.plan(plan); found != nullptr)
    for (const std::string& artifact : found->must_haves.artifacts)
      if (!missing_reason(tree.workspace.directory, artifact).empty())
        merged.missing_artifacts.push_back(artifact);
  if (!merged.missing_artifacts.empty()) return merged;
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  KON_TRY(ports::MergeResult result, workspaces.merge(plan, {message}));
  merged.merge.plan = plan;
  merged.merge.commit = result.commit;
  merged.merge.conflicts = std::move(result.conflicts);
  merged.merge.result = !result.is_clean        ? "conflict"
                        : shared_.is_in_place() ? "in_place"
                                                : "clean";
  if (!result.is_clean && command.is_fix_wanted) {
    KON_TRY(merged.merge.fix_from,
            workspaces.write_conflict(plan, conflict_labels(shared_.facts, plan), {message}));
  }
  // The branch holds everything; the tree is only room that is taken.
  if (result.is_clean && !shared_.is_in_place()) KON_TRY_VOID(workspaces.close(plan));
  return merged;
}

Task<Result<Report>> PlanFinisher::complete(engine::command::complete_plan command) {
  const std::string message = merge_message(command.plan);
  PlanTree* tree = shared_.trees.at(command.plan).get();
  auto job = [this, command, tree, &message] { return merge(command, tree, message); };
  Result<engine::PlanMerged> merged = co_await offload(shared_.ports.work_pool, std::move(job));
  if (merged.has_error()) co_return merged.error();
  const bool is_gone =
      merged.value().missing_artifacts.empty() && merged.value().merge.conflicts.empty();
  if (is_gone) shared_.trees.erase(command.plan);
  Report report;
  report.outcome = std::move(merged).value();
  co_return report;
}

// A person's own merge, made as they were told, stays.
Result<void> PlanFinisher::leave_merge_fix(PlanTree& tree, const MergeFix& fix) const {
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  const std::string head = tree.workspace.head;
  if (fix.fix_from.empty() || head == fix.plan_head) return {};
  KON_TRY(const bool is_of_fix, workspaces.is_made_from(head, fix.fix_from));
  if (!is_of_fix) return {};
  tree.workspace.head = fix.plan_head;
  KON_TRY(tree.kept, workspaces.save_aside(tree.workspace, shared_.facts.run, fix.attempt));
  KON_TRY_VOID(workspaces.reset(tree.workspace, fix.plan_head));
  KON_TRY(tree.workspace, workspaces.open(tree.workspace.plan));
  tree.clean_at = fix.plan_head;
  return {};
}

Task<Result<Report>> PlanFinisher::drop_merge_fix(int plan) {
  PlanTree* tree = shared_.trees.at(plan).get();
  const engine::PlanRecord& record = *shared_.state().plan(plan);
  const MergeFix fix{record.last_attempt, record.head, record.fix_from};
  auto job = [this, tree, &fix] { return leave_merge_fix(*tree, fix); };
  const Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  KON_CO_TRY_VOID(done);
  Report report;
  report.outcome = engine::MergeFixDropped{plan};
  co_return report;
}

}  // namespace konductor::driver
