// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/ceilings.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

// What holds an attempt's processes together, and what they may take.
namespace konductor::agent {

// What the system lets the engine have.
struct CgroupOffer {
  std::string home;                      // Directory where cgroups may be made; "" when nowhere.
  std::vector<std::string> controllers;  // That work in those made there: "memory", "pids", "cpu".
  std::string why_not;                   // When there is no home.
};

struct Containment {
  std::string cgroup;  // Directory of the run's cgroup, which holds its attempts'; "" without.
  Ceilings ceilings;   // That can be had.
  std::vector<std::string> missing;  // Keys of those that were asked for and cannot.
};

// Whether something is asked for that takes a controller.
bool wants_controllers(const config::Config& config);

// Error `environment` when a cgroup is asked for and cannot be had. `run` names the run's own.
Result<Containment> choose_containment(const config::Config& config, const CgroupOffer& offer,
                                       const std::string& run, bool is_root);

// What the journal calls it: "cgroup" or "processes".
std::string containment_name(const Containment& containment);
// What the journal calls the ceilings that hold: "memory", "processes", "cpus", "user_processes".
std::vector<std::string> ceiling_names(const Ceilings& ceilings);

}  // namespace konductor::agent
