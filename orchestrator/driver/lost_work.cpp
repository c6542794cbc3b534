// SPDX-License-Identifier: MIT
#include "driver/lost_work.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::driver {
namespace {

// The commit that a plan's complete tasks are in; "" where there are none.
std::string commit_of(const engine::RunState& state, int plan, const engine::PlanRecord& record) {
  if (record.is_merged) return record.merged_commit;
  const std::vector<const engine::TaskRecord*> tasks = state.tasks_of(plan);
  const bool has_work = std::any_of(tasks.begin(), tasks.end(), [](const auto* task) {
    return std::holds_alternative<engine::state::completed>(task->state);
  });
  return has_work ? record.head : std::string();
}

}  // namespace

Result<void> check_work_is_there(const engine::RunState& state, const std::string& phase,
                                 ports::Workspaces& workspaces) {
  const bool is_all_done = std::all_of(
      state.plans().begin(), state.plans().end(),
      [](const auto& entry) { return entry.first == 0 || engine::is_complete(entry.second); });
  if (is_all_done) return {};
  std::vector<std::string> lost;
  for (const auto& [number, record] : state.plans()) {
    const std::string commit = number == 0 ? "" : commit_of(state, number, record);
    if (commit.empty()) continue;
    KON_TRY(const bool is_there, workspaces.has_commit(commit));
    if (!is_there) lost.push_back(plan_address_text(phase, number));
  }
  if (lost.empty()) return {};
  return Error{
      ErrorCode::invalid_input,
      "the journal knows work of " + join(lost, ", ") +
          " whose commits are not in this repository (a fresh clone?): fetch them from where they "
          "were made, as in `git fetch REMOTE 'refs/heads/konductor/*:refs/heads/konductor/*' "
          "'refs/konductor/*:refs/konductor/*'`; if the changes are here in other commits, move "
          ".konductor/konductor.db away: what is complete is then read from the summaries"};
}

}  // namespace konductor::driver
