// SPDX-License-Identifier: MIT
#pragma once

#include "driver/run_shared.hpp"

namespace konductor::driver {

// Makes a fresh tree ready for work.
class WorkspaceSetup {
 public:
  explicit WorkspaceSetup(RunShared& shared) : shared_(shared) {}

  // Brings over what `workspace.copy` names. Blocks.
  Result<void> copy_files(const ports::Workspace& workspace) const;
  // Runs `workspace.setup`. Error `environment` when a command fails, `cancelled` when the run is
  // stopped meanwhile.
  Task<Result<void>> run(const ports::Workspace& workspace);

 private:
  RunShared& shared_;
};

}  // namespace konductor::driver
