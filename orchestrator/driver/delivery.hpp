// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "driver/run_shared.hpp"

namespace konductor::driver {

// Brings the result of a complete phase home. Where that takes the git program, for hooks and
// signatures, it is supervised like every other process: within gates.verify_timeout, ended when
// the run is stopped, and with nothing of it left behind. The workspaces of the plans are closed.
Task<Result<ports::Delivery>> deliver_result(RunShared& shared);

// As results and events call it.
std::string_view delivery_state(const ports::Delivery& delivery, bool is_in_place);

// The engine's environment for a git program that must ask nobody, and works on the repository it
// stands in.
std::vector<std::string> git_environment(const std::vector<std::string>& environment);

}  // namespace konductor::driver
