// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "driver/project.hpp"
#include "engine/recovery.hpp"
#include "engine/run_state.hpp"
#include "plan/plan.hpp"
#include "plan/plan_loader.hpp"

namespace konductor::driver {

// The plan files of a phase, read but not yet checked against each other.
struct PhasePlans {
  PhaseLocation location;
  std::vector<plan::LoadedPlan> loaded;  // By file name.
  std::vector<std::string> other_files;  // Everything else in `plans/`, sorted.

  // The plans that were read, by number.
  std::map<int, plan::Plan> plans() const;
  // All errors and warnings of all plans, in order.
  std::vector<plan::Diagnostic> check() const;
};

// Reads every plan of the phase. A file that cannot be read becomes a diagnostic of its own; an
// error is only that the folder cannot be listed, or holds no plan (`invalid_input`).
Result<PhasePlans> load_phase_plans(const ports::FileStore& files, const PhaseLocation& location);

// What running them needs.
std::vector<engine::PlanDefinition> define_plans(const std::map<int, plan::Plan>& plans);

// Those of the plans whose files do not hold any more what was read, or are gone.
std::vector<int> edited_plans(const ports::FileStore& files, const PhaseLocation& location,
                              const std::map<int, plan::Plan>& plans);

// Which markers of completion lie in the phase's folder and its `plans/`.
engine::MarkersOnDisk read_markers(const ports::FileStore& files, const PhasePlans& phase);

}  // namespace konductor::driver
