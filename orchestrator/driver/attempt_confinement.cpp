// SPDX-License-Identifier: MIT
#include "driver/attempt_confinement.hpp"

#include "agent/confinement.hpp"
#include "driver/workspace_paths.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;

Result<std::vector<std::string>> writable_for(const RunShared& shared, const Attempt& attempt,
                                              const std::vector<std::string>& environment) {
  const RunFacts& facts = shared.facts;
  KON_TRY(const std::vector<fs::path> commit,
          shared.ports.workspaces.commit_places(attempt.tree->workspace));
  agent::AttemptPlaces places;
  places.project = facts.layout.root.string();
  places.workspace = attempt.paths.workspace.string();
  places.tree =
      shared.is_in_place() ? places.workspace : tree_top(attempt.paths.workspace).string();
  places.run_directory = attempt.paths.directory.string();
  for (const fs::path& path : commit)
    places.commit.push_back(path.string());
  const auto variable = [&environment](std::string_view name) {
    return environment_value(environment, name);
  };
  std::vector<std::string> writable = agent::writable_places(
      facts.config, attempt.runtime->settings,
      facts.roles.at(attempt.command.role).role.permissions, places, variable);
  // One that cannot be made cannot be written either, which is the attempt's to see.
  for (const std::string& path : writable)
    if (path.back() == '/') (void)shared.ports.files.make_directories(path);
  return writable;
}

}  // namespace konductor::driver
