// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>

#include "cli/result_json.hpp"
#include "driver/execute.hpp"
#include "driver/run_context.hpp"
#include "engine/run_machine.hpp"

namespace konductor::cli {

// The state that a run would begin with: what it is asked to do again, or tries again anyway, is
// open. Errors as the run would give them.
Result<engine::RunState> begin_run(engine::RunState state, const driver::ExecuteRequest& request);

// `execute --dry-run`: what would run, in which order, and what side by side; as JSON it is the
// result document with `rounds` in it.
void print_dry_run(std::ostream& out, const driver::RunFacts& facts, const engine::RunState& state,
                   const engine::RunScope& scope, const ResultDocument& result, bool is_json);

}  // namespace konductor::cli
