// SPDX-License-Identifier: MIT
#include "agent/containment.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace konductor::agent {
namespace {

bool has(const CgroupOffer& offer, const char* controller) {
  return std::find(offer.controllers.begin(), offer.controllers.end(), controller) !=
         offer.controllers.end();
}

// The kernel counts the user's processes, whosever they are, so there is room for all attempts that
// may run side by side: none is refused what another took.
int user_processes(const config::Config& config) {
  const std::int64_t room =
      std::int64_t{config.limits.processes} * config.execution.max_wave_parallelism;
  return static_cast<int>(std::min<std::int64_t>(room, std::numeric_limits<int>::max()));
}

}  // namespace

bool wants_controllers(const config::Config& config) {
  const config::LimitSettings& limits = config.limits;
  return limits.memory != 0 || limits.processes != 0 || limits.cpus > 0;
}

Result<Containment> choose_containment(const config::Config& config, const CgroupOffer& offer,
                                       const std::string& run, bool is_root) {
  const config::Containment wanted = config.execution.containment;
  if (wanted == config::Containment::cgroup && offer.home.empty())
    return Error{ErrorCode::environment,
                 "execution.containment is \"cgroup\", but attempts cannot have cgroups here: " +
                     offer.why_not +
                     "; run it as `systemd-run --user --scope -p Delegate=yes konductor …`, or "
                     "write \"auto\" to do without where there is none (docs/containment.md)"};
  const bool has_cgroup = wanted != config::Containment::processes && !offer.home.empty();
  const CgroupOffer had = has_cgroup ? offer : CgroupOffer();
  Containment chosen;
  if (has_cgroup) chosen.cgroup = offer.home + "/konductor-" + run;
  const config::LimitSettings& limits = config.limits;
  if (has(had, "memory"))
    chosen.ceilings.memory = limits.memory;
  else if (limits.memory != 0)
    chosen.missing.emplace_back("limits.memory");
  if (has(had, "cpu"))
    chosen.ceilings.cpus = limits.cpus;
  else if (limits.cpus > 0)
    chosen.missing.emplace_back("limits.cpus");
  if (has(had, "pids"))
    chosen.ceilings.processes = limits.processes;
  else if (limits.processes != 0 && is_root)
    chosen.missing.emplace_back("limits.processes");  // The user's own limit does not hold root.
  else if (limits.processes != 0)
    chosen.ceilings.user_processes = user_processes(config);
  return chosen;
}

std::string containment_name(const Containment& containment) {
  return containment.cgroup.empty() ? "processes" : "cgroup";
}

std::vector<std::string> ceiling_names(const Ceilings& ceilings) {
  std::vector<std::string> names;
  if (ceilings.memory != 0) names.emplace_back("memory");
  if (ceilings.processes != 0) names.emplace_back("processes");
  if (ceilings.cpus > 0) names.emplace_back("cpus");
  if (ceilings.user_processes != 0) names.emplace_back("user_processes");
  return names;
}

}  // namespace konductor::agent
