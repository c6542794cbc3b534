// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "driver/run_shared.hpp"

namespace konductor::driver {

// Opens plans' workspaces and brings complete plans home: artifacts, merge, clean-up.
class PlanFinisher {
 public:
  explicit PlanFinisher(RunShared& shared) : shared_(shared) {}

  // Makes the plan's tree ready, with `workspace.copy` and `workspace.setup` done when it is fresh.
  Task<Result<Report>> open(int plan);
  // Checks the artifacts and merges the plan (plan 0: the phase's holistic fixes).
  Task<Result<Report>> complete(engine::command::complete_plan command);
  // Puts the plan's tree back to before the fix of its merge conflict; what that left is kept.
  Task<Result<Report>> drop_merge_fix(int plan);

 private:
  // Whether an attempt that outlived its engine is at work in the plan's tree.
  bool is_occupied(int plan) const;
  Result<engine::PlanMerged> merge(engine::command::complete_plan command, PlanTree* opened,
                                   const std::string& message);
  std::string merge_message(int plan) const;

  // The fix of a merge conflict, as far as leaving it behind needs it.
  struct MergeFix {
    std::string attempt;    // Name of the newest in the tree.
    std::string plan_head;  // What the plan had done before it.
    std::string fix_from;
  };
  Result<void> leave_merge_fix(PlanTree& tree, const MergeFix& fix) const;

  RunShared& shared_;
};

}  // namespace konductor::driver
