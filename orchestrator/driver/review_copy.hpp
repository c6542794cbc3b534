// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "driver/run_shared.hpp"

// Reviewers work in a copy of the plan's tree that they may do with as they like: what they leave
// there, build products and wreckage alike, is not in the executor's way.
namespace konductor::driver {

// Whether who is about to do this works in a copy.
bool wants_copy(const RunShared& shared, engine::Action action);

class ReviewCopy {
 public:
  explicit ReviewCopy(RunShared& shared) : shared_(shared) {}

  // Has the plan's copy stand at `commit` and be ready for work; its tree is open. Like open() of a
  // plan, it runs `workspace.setup` in one that is fresh.
  Task<Result<void>> open(int plan, std::string commit);
  // The same for a reviewer that outlived its engine: the copy stays as it is.
  Task<Result<void>> enter(int plan, std::string commit);

 private:
  Result<void> stand_at(int plan, PlanTree& copy, const std::string& commit);
  Result<void> take(PlanTree& copy, ports::Workspace workspace) const;

  RunShared& shared_;
};

}  // namespace konductor::driver
