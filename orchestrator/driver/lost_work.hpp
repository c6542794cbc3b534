// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.hpp"
#include "engine/run_state.hpp"
#include "ports/workspaces.hpp"

namespace konductor::driver {

// Whether the repository has the commits of what is called complete in `state`, as long as there
// is more to do, which would be built on them: a fresh clone has the journal's word alone. Error
// `invalid_input` names the plans whose work is not there.
Result<void> check_work_is_there(const engine::RunState& state, const std::string& phase,
                                 ports::Workspaces& workspaces);

}  // namespace konductor::driver
