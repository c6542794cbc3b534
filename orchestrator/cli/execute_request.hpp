// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "driver/execute.hpp"

namespace konductor::cli {

// Reads what the run is narrowed to and what it is to do again into `request`. `facts` holds the
// phase and its plans. Errors (`invalid_input`): an address that is none, is of another phase, or
// names a plan that is not there.
Result<void> read_request(const ports::FileStore& files, const ExecuteOptions& options,
                          const driver::RunFacts& facts, driver::ExecuteRequest& request);

// Asks the person at the terminal, if there is one, about plans that are not to run by themselves.
void ask_for_approvals(Surroundings& around, const driver::RunFacts& facts,
                       driver::ExecuteRequest& request);

}  // namespace konductor::cli
