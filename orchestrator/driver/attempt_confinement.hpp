// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/attempt_environment.hpp"
#include "driver/run_shared.hpp"

namespace konductor::driver {

// Who is to be confined: an attempt, or what runs for one.
struct ConfinedWork {
  RoleName role = RoleName::executor;
  const RoleRuntime& runtime;
  const ports::Workspace& workspace;
  const std::filesystem::path& directory;  // Where its files of the run go.
  const std::vector<std::string>& environment;
  // Of the tree, if that is not all of it: places that it may write.
  std::optional<std::vector<std::string>> lease = {};
};

// What it may not do; nothing where attempts are not confined. Makes those directories that have to
// be there. Blocks.
Result<std::optional<ports::Confinement>> confinement_for(const RunShared& shared,
                                                          const ConfinedWork& work);

}  // namespace konductor::driver
