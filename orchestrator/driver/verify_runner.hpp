// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "driver/gate_subject.hpp"
#include "plan/verify_commands.hpp"

namespace konductor::driver {

// The gate on the verify commands: runs them in the workspace and adds what does not hold. What
// they leave behind in the tree stays there. The errors are those that end the engine.
class VerifyRunner {
 public:
  explicit VerifyRunner(RunShared& shared) : shared_(shared) {}

  // The commands of the task; after a holistic fix those of all tasks of the phase, after the fix
  // of a merge conflict those of the plans that meet in it.
  Task<Result<void>> check(const GateSubject& subject, engine::GatesChecked& checked);

 private:
  Task<Result<void>> check_task(const GateSubject& subject, engine::GatesChecked& checked);
  Task<Result<void>> check_plans(const GateSubject& subject, std::vector<int> plans,
                                 engine::GatesChecked& checked);
  Task<Result<std::string>> run_step(const GateSubject& subject, plan::VerifyStep step, int number);

  RunShared& shared_;
};

}  // namespace konductor::driver
