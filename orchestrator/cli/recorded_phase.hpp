// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/lock_holder.hpp"
#include "cli/phase_view.hpp"

namespace konductor::cli {

// What there is to look at of a phase, beside a working engine or long after it: its plans as they
// are now, and what its journal says.
struct RecordedPhase {
  ChosenPhase chosen;
  driver::PhasePlans plans;
  engine::RunState state;            // Without a journal what the markers under `phases/` tell.
  bool is_recorded = false;          // Whether there is a journal of it.
  std::optional<LockHolder> holder;  // The engine that runs the phase now.

  const std::string& id() const { return chosen.location.id; }
};

// The plans of a phase. One whose plans are still to be written, or cannot be read, has none.
Result<driver::PhasePlans> load_plans_if_any(const ports::FileStore& files,
                                             const driver::PhaseLocation& location);

// A phase may have been recorded or not. `seen` gets every event of it, oldest first.
Result<RecordedPhase> read_phase(const ports::FileStore& files, ChosenPhase chosen,
                                 const std::function<void(const engine::Event&)>& seen = {});

// Error `invalid_input`, with the command that begins the phase, when it was never executed.
Result<void> require_recorded(const RecordedPhase& phase);

}  // namespace konductor::cli
