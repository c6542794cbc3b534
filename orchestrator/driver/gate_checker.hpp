// SPDX-License-Identifier: MIT
#pragma once

#include "driver/gate_subject.hpp"

namespace konductor::driver {

// Checks by machine what an executor's attempt claims: that something changed, that the declared
// files exist, that protected things were left alone, that tests were not weakened and no secrets
// added, that the verify commands hold. No model is asked. Leaves the tree as the attempt left it.
class GateChecker {
 public:
  explicit GateChecker(RunShared& shared) : shared_(shared) {}

  // The error is one that ends the engine.
  Task<Result<Report>> check(TaskAddress address);

 private:
  Result<void> stand_at_head(const GateSubject& subject);
  Result<void> check_files(const GateSubject& subject, engine::GatesChecked& checked);
  Result<void> check_conflict(const GateSubject& subject, engine::GatesChecked& checked) const;
  void check_declared(const GateSubject& subject, engine::GatesChecked& checked);

  RunShared& shared_;
};

}  // namespace konductor::driver
