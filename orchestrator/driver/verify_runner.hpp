// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "driver/gate_subject.hpp"
#include "plan/verify_commands.hpp"

namespace konductor::driver {

// The gate on the verify commands: runs them in the workspace and adds what does not hold. What
// they leave behind in the tree is for clean_up. The errors are those that end the engine.
//
// With `gates.baseline` a command that fails is run once more on the files the task began with (the
// phase, after a holistic fix), and what failed there too is a note instead of a finding. Held
// against the task are all the same: files that have to be there, commands that have to fail or to
// exit with a number, and commands that name a declared file which was not there when the task
// began, since these could not but fail.
class VerifyRunner {
 public:
  explicit VerifyRunner(RunShared& shared) : shared_(shared) {}

  // The commands of the task; after a holistic fix those of all tasks of the phase, after the fix
  // of a merge conflict those of the plans that meet in it.
  Task<Result<void>> check(const GateSubject& subject, engine::GatesChecked& checked);
  // Puts the tree back to the task's head, with a note when something was left behind.
  Result<void> clean_up(const GateSubject& subject, engine::GatesChecked& checked);

 private:
  // Where a step comes from.
  struct Origin {
    std::string base;                // Commit that `gates.baseline` compares with.
    std::vector<std::string> files;  // Declared by its task.
    int number = 0;                  // Of its log.
  };

  Task<Result<void>> check_task(const GateSubject& subject, engine::GatesChecked& checked);
  Task<Result<void>> check_plans(const GateSubject& subject, std::vector<int> plans,
                                 engine::GatesChecked& checked);
  Task<Result<std::string>> try_step(const GateSubject& subject, plan::VerifyStep step,
                                     const Origin& origin, engine::GatesChecked& checked);
  Task<Result<bool>> failed_before(const GateSubject& subject, plan::VerifyStep step,
                                   const Origin& origin, engine::GatesChecked& checked);
  bool names_new_file(const plan::VerifyStep& step, const Origin& origin);
  Task<Result<std::string>> run_step(const GateSubject& subject, plan::VerifyStep step,
                                     std::string log_name);

  RunShared& shared_;
};

}  // namespace konductor::driver
