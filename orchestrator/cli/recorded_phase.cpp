// SPDX-License-Identifier: MIT
#include "cli/recorded_phase.hpp"

#include "base/text.hpp"

namespace konductor::cli {

Result<driver::PhasePlans> load_plans_if_any(const ports::FileStore& files,
                                             const driver::PhaseLocation& location) {
  Result<driver::PhasePlans> phase = driver::load_phase_plans(files, location);
  if (phase.has_value() || phase.error().code != ErrorCode::invalid_input) return phase;
  driver::PhasePlans empty;
  empty.location = location;
  return empty;
}

Result<RecordedPhase> read_phase(const ports::FileStore& files, ChosenPhase chosen) {
  RecordedPhase phase;
  phase.chosen = std::move(chosen);
  KON_TRY(phase.plans, load_plans_if_any(files, phase.chosen.location));
  phase.holder = find_lock_holder(phase.chosen.layout.lock(phase.id()));
  KON_TRY(PhaseProgress progress,
          read_progress(files, phase.chosen, phase.plans, phase.plans.plans()));
  phase.state = std::move(progress.state);
  phase.last_run = std::move(progress.last_run);
  if (!progress.has_journal) return phase;
  KON_TRY(phase.journal,
          platform::SqliteJournal::open_read_only(phase.chosen.layout.database(), phase.id()));
  return phase;
}

Result<void> require_recorded(const RecordedPhase& phase) {
  if (phase.journal) return {};
  return Error{ErrorCode::invalid_input,
               "nothing is recorded of phase " + quote(phase.id()) +
                   ": it was never executed here; run `konductor execute " + phase.id() + "`"};
}

Result<void> visit_events(const RecordedPhase& phase,
                          const std::function<void(const engine::Event&)>& visit) {
  if (!phase.journal) return {};
  return phase.journal->replay([&visit](engine::Event&& event) -> Result<void> {
    visit(event);
    return {};
  });
}

}  // namespace konductor::cli
