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

Result<RecordedPhase> read_phase(const ports::FileStore& files, ChosenPhase chosen,
                                 const std::function<void(const engine::Event&)>& seen) {
  RecordedPhase phase;
  phase.chosen = std::move(chosen);
  KON_TRY(phase.plans, load_plans_if_any(files, phase.chosen.location));
  phase.holder = find_lock_holder(phase.chosen.layout.lock(phase.id()));
  KON_TRY(PhaseProgress progress,
          read_progress(files, phase.chosen, phase.plans, phase.plans.plans(), seen));
  phase.state = std::move(progress.state);
  phase.is_recorded = progress.has_journal;
  return phase;
}

Result<void> require_recorded(const RecordedPhase& phase) {
  if (phase.is_recorded) return {};
  return Error{ErrorCode::invalid_input,
               "nothing is recorded of phase " + quote(phase.id()) +
                   ": it was never executed here; run `konductor execute " + phase.id() + "`"};
}

}  // namespace konductor::cli
