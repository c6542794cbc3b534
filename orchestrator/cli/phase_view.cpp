// SPDX-License-Identifier: MIT
#include "cli/phase_view.hpp"

#include "base/overloaded.hpp"
#include "cli/config_sources.hpp"
#include "driver/execute.hpp"
#include "engine/recovery.hpp"

namespace konductor::cli {
namespace {

Result<engine::RunState> state_from_markers(const ports::FileStore& files,
                                            const driver::PhasePlans& phase,
                                            const std::map<int, plan::Plan>& plans) {
  engine::RunState state(driver::define_plans(plans));
  KON_TRY(const engine::Recovery recovery,
          engine::recover(state, driver::read_markers(files, phase), {}));
  for (const engine::EventBody& body : recovery.events)
    KON_TRY_VOID(state.apply(engine::Event{0, {}, body}));
  return state;
}

}  // namespace

Result<ChosenPhase> choose_phase(const ports::FileStore& files, const CommonOptions& common,
                                 const std::string& text) {
  ChosenPhase chosen;
  KON_TRY(chosen.layout, driver::find_project(common.directory));
  if (text.empty()) {
    KON_TRY(chosen.location,
            driver::find_default_phase(files, chosen.layout, current_phase(files, chosen.layout)));
  } else {
    KON_TRY(chosen.location, driver::find_phase(files, chosen.layout, text));
  }
  return chosen;
}

Result<PhaseProgress> read_progress(const ports::FileStore& files, const ChosenPhase& chosen,
                                    const driver::PhasePlans& phase,
                                    const std::map<int, plan::Plan>& plans,
                                    const std::function<void(const engine::Event&)>& seen) {
  PhaseProgress progress;
  auto journal =
      platform::SqliteJournal::open_read_only(chosen.layout.database(), chosen.location.id);
  if (journal.has_error() && journal.error().code != ErrorCode::not_found) return journal.error();
  if (journal.has_value()) {
    KON_TRY(progress.state, driver::replay_state(*journal.value(), plans, seen));
    KON_TRY(progress.last_run, journal.value()->last_run());
    progress.has_journal = progress.state.has_events();
  }
  if (!progress.has_journal) {
    KON_TRY(progress.state, state_from_markers(files, phase, plans));
  }
  return progress;
}

Result<engine::RunState> read_state(const std::filesystem::path& database, const std::string& phase,
                                    const std::map<int, plan::Plan>& plans) {
  const auto journal = platform::SqliteJournal::open_read_only(database, phase);
  if (journal.has_value()) return driver::replay_state(*journal.value(), plans);
  if (journal.error().code != ErrorCode::not_found) return journal.error();
  return engine::RunState(driver::define_plans(plans));
}

bool are_other_phases_active(const std::filesystem::path& database, const std::string& own_phase,
                             std::int64_t since) {
  const auto own = platform::SqliteJournal::open_read_only(database, own_phase);
  if (own.has_error()) return false;
  const Result<std::vector<std::string>> phases = own.value()->phases();
  if (phases.has_error()) return false;
  for (const std::string& phase : phases.value()) {
    if (phase == own_phase) continue;
    const auto other = platform::SqliteJournal::open_read_only(database, phase);
    if (other.has_error()) continue;
    const Result<std::optional<platform::LastRun>> run = other.value()->last_run();
    if (run.has_value() && run.value() && run.value()->last_event_at >= since) return true;
  }
  return false;
}

int count_tasks(const engine::RunState& state, int plan) {
  int count = 0;
  for (const engine::TaskRecord* task : state.tasks_of(plan))
    count += std::holds_alternative<engine::state::split>(task->state) ? 0 : 1;
  return count;
}

int count_completed_tasks(const engine::RunState& state, int plan) {
  int count = 0;
  for (const engine::TaskRecord* task : state.tasks_of(plan))
    count += std::holds_alternative<engine::state::completed>(task->state) ? 1 : 0;
  return count;
}

std::string reason_of(const engine::TaskState& state) {
  return std::visit(Overloaded{
                        [](const engine::state::failed& s) { return s.reason; },
                        [](const engine::state::blocked& s) { return s.reason; },
                        [](const engine::state::needs_manual& s) { return s.reason; },
                        [](const engine::state::skipped& s) { return s.reason; },
                        [](const auto&) { return std::string(); },
                    },
                    state);
}

std::string reason_of(const engine::PlanState& state) {
  return std::visit(Overloaded{
                        [](const engine::plan_state::skipped& s) { return s.reason; },
                        [](const engine::plan_state::needs_manual& s) { return s.reason; },
                        [](const auto&) { return std::string(); },
                    },
                    state);
}

}  // namespace konductor::cli
