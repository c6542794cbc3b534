// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "driver/gate_subject.hpp"
#include "gates/secrets.hpp"

namespace konductor::driver {

// The gates on what the files say before and after a task: tests that were weakened, secrets that
// were added, the test that a task of a `type = "tdd"` plan owes. The tree stands at the task's
// head. Errors are those that end the engine.
class DiffGates {
 public:
  explicit DiffGates(RunShared& shared) : shared_(shared) {}

  Result<void> check(const GateSubject& subject, const std::vector<ports::FileChange>& changes,
                     engine::GatesChecked& checked);

 private:
  Result<std::vector<gates::FileVersions>> read(const GateSubject& subject,
                                                const std::vector<ports::FileChange>& changes,
                                                engine::GatesChecked& checked);

  RunShared& shared_;
};

}  // namespace konductor::driver
