// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cli/phase_view.hpp"
#include "engine/work_history.hpp"

namespace konductor::cli {

// What a phase's journal says, and where its commits are.
struct PhaseWork {
  engine::RunState state;
  engine::WorkHistory history;
  // "worktree" or "none", as the newest run had it; "" when there was none.
  std::string isolation;
};

Result<PhaseWork> read_work(const ports::Journal& journal, const std::map<int, plan::Plan>& plans);

// The same for a phase that a person named, beside a working engine. Error `invalid_input` when it
// was never executed.
Result<PhaseWork> read_work_of(const ChosenPhase& chosen, const std::map<int, plan::Plan>& plans);

}  // namespace konductor::cli
