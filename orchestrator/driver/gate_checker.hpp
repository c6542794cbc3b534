// SPDX-License-Identifier: MIT
#pragma once

#include "driver/attempt_environment.hpp"
#include "driver/run_shared.hpp"
#include "plan/verify_commands.hpp"

namespace konductor::driver {

// Checks by machine what an executor's attempt claims: that something changed, that the declared
// files exist, that protected things were left alone, that the verify commands hold. No model is
// asked. Leaves the tree as the attempt left it.
class GateChecker {
 public:
  explicit GateChecker(RunShared& shared) : shared_(shared) {}

  // The error is one that ends the engine.
  Task<Result<Report>> check(TaskAddress address);

 private:
  // What is checked, fixed at the beginning.
  struct Subject {
    TaskAddress address;
    TaskText text;
    engine::TaskRecord task;
    PlanTree* tree = nullptr;
    AttemptPaths paths;
    std::vector<std::string> environment;
    std::vector<std::string> deleted;  // What the summary lists as deleted.
  };

  Task<Result<Subject>> make_subject(TaskAddress address);
  Result<void> stand_at_head(const Subject& subject);
  Result<void> check_files(const Subject& subject, engine::GatesChecked& checked);
  void check_declared(const Subject& subject, engine::GatesChecked& checked);
  static void check_named_by_verify(const std::vector<plan::VerifyStep>& steps,
                                    engine::GatesChecked& checked);
  Task<Result<void>> check_verify(const Subject& subject, engine::GatesChecked& checked);
  Task<Result<void>> check_phase_verify(const Subject& subject, engine::GatesChecked& checked);
  Task<Result<std::string>> run_step(const Subject& subject, plan::VerifyStep step, int number);
  Result<void> put_tree_back(const Subject& subject, engine::GatesChecked& checked);

  RunShared& shared_;
};

// True when `declared` (a file, or a directory ending in "/") covers `path`.
bool covers(const std::string& declared, const std::string& path);

// Why a declared path does not count as there: "", or what is wrong. A directory ends in "/".
std::string missing_reason(const std::filesystem::path& root, const std::string& declared);

}  // namespace konductor::driver
