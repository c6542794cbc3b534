// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/known_versions.hpp"
#include "config/config.hpp"

namespace konductor::cli {

// A runtime as it is configured and installed.
struct ListedAgent {
  std::string name;
  std::string kind;
  std::string program;  // "": not installed.
  std::string version;  // "" where it is not known.
  agent::VersionVerdict verdict;
  bool is_default = false;
};

// All of the configuration, by name. Asks those that are known to answer for their versions, which
// starts them.
std::vector<ListedAgent> list_agents(const config::Config& config,
                                     const std::vector<std::string>& environment);

// What is known of its version, for people; may be "".
std::string remark(const ListedAgent& listed);

}  // namespace konductor::cli
