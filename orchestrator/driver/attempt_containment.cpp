// SPDX-License-Identifier: MIT
#include "driver/attempt_containment.hpp"

namespace konductor::driver {

void contain(const RunFacts& facts, const std::string& name, ports::ProcessSpec& spec) {
  spec.cgroup = cgroup_in(facts.containment.cgroup, name);
  spec.ceilings = facts.containment.ceilings;
}

std::string cgroup_in(const std::string& of_run, const std::string& name) {
  return of_run.empty() ? std::string() : of_run + "/" + name;
}

Task<Result<int>> end_left_cgroups(ports::ProcessLauncher& launcher,
                                   std::map<std::string, std::string> cgroups,
                                   const AdoptedAttempts& adopted) {
  int count = 0;
  for (const auto& [run, directory] : cgroups) {
    std::set<std::string> kept;
    for (const auto& [address, attempt] : adopted)
      if (attempt.run == run && attempt.process != nullptr) kept.insert(attempt.name);
    Result<int> ended = co_await launcher.end_cgroup(directory, std::move(kept));
    if (ended.has_error()) co_return ended.error();
    count += ended.value();
  }
  co_return count;
}

}  // namespace konductor::driver
