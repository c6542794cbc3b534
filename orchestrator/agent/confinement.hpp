// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/role.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

// Where an attempt may write when the kernel confines it.
namespace konductor::agent {

// The version of Landlock that attempts are confined with, 0 when they are not, given the one that
// the kernel offers. Error `environment` when it is asked for and there is none.
Result<int> choose_sandbox(config::Sandbox wanted, int offered_abi);

// What the journal calls it: "none", "landlock-abi-7".
std::string sandbox_name(int landlock_abi);

// The value of a variable of the attempt's environment; "" when it has none.
using Variable = std::function<std::string(std::string_view name)>;

// Where an attempt works; absolute paths.
struct AttemptPlaces {
  std::string project;
  std::string tree;       // All of it,
  std::string workspace;  // and where in it the attempt begins.
  std::string run_directory;
  std::vector<std::string> commit;  // What it writes besides when it commits.
};

// Files and directories that it may write, with all that is in them; one that ends in "/" is to be
// made when it is missing. Who may not write works in the tree all the same, since checking takes
// building, but commits nothing.
std::vector<std::string> writable_places(const config::Config& config,
                                         const config::RuntimeSettings& runtime,
                                         const Permissions& may, const AttemptPlaces& places,
                                         const Variable& variable);

}  // namespace konductor::agent
