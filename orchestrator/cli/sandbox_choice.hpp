// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/confinement.hpp"
#include "base/result.hpp"

namespace konductor::cli {

// What attempts are confined by on this machine; may start bubblewrap to see whether it works.
// `note` is what a person should be told, "" when there is nothing. Error `environment` when what
// is wanted is not there.
Result<agent::SandboxChoice> find_sandbox(config::Sandbox wanted,
                                          const std::vector<std::string>& environment,
                                          std::string& note);

}  // namespace konductor::cli
