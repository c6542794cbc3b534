// SPDX-License-Identifier: MIT
#pragma once

#include "driver/run_shared.hpp"

namespace konductor::driver {

// Opens plans' workspaces and brings complete plans home: artifacts, merge, clean-up.
class PlanFinisher {
 public:
  explicit PlanFinisher(RunShared& shared) : shared_(shared) {}

  // Makes the plan's tree ready, with `workspace.copy` and `workspace.setup` done when it is fresh.
  Task<Result<Report>> open(int plan);
  // Checks the artifacts and merges the plan (plan 0: the phase's holistic fixes).
  Task<Result<Report>> complete(int plan);

 private:
  Result<void> copy_files(const ports::Workspace& workspace) const;
  Task<Result<void>> run_setup(const ports::Workspace& workspace);
  Result<engine::PlanMerged> merge(int plan, PlanTree* opened, std::string message);

  RunShared& shared_;
};

}  // namespace konductor::driver
