// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/phase_view.hpp"
#include "driver/redaction.hpp"

// What commands share that change a phase while no engine runs it.
namespace konductor::cli {

// A commit's id, as short as a person is shown it.
inline constexpr std::size_t kShortId = 12;

// Milliseconds since 1970, UTC.
std::int64_t wall_milliseconds();

// "operator-20260131T120000.250Z": what a person does stands beside the runs in the journal.
std::string operator_run(std::int64_t now);

// Closes the blockers of these tasks in state.toml, which follows the journal; the next run would
// mend it, too.
Result<void> resolve_in_state_file(ports::FileStore& files, const ChosenPhase& chosen,
                                   const std::vector<std::string>& addresses, std::int64_t now);

// The phase's markers of tasks that are not done any more, and what they made of their plans and of
// the phase.
Result<void> remove_markers(ports::FileStore& files, const driver::PhaseLocation& location,
                            const std::vector<TaskAddress>& tasks);

// Locks on references that a killed engine or command of this phase left: they would be in the way
// of the next. The phase is held.
Result<void> remove_dead_locks(const driver::ProjectLayout& layout, const std::string& phase,
                               const ports::Journal& journal);

// Ends processes of attempts that an engine which died left behind, and redacts what they printed.
Result<void> end_leftovers(const engine::RunState& state, const driver::ProjectLayout& layout,
                           const Redactor& redactor);

}  // namespace konductor::cli
