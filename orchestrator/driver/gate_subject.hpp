// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/attempt_environment.hpp"
#include "driver/run_shared.hpp"

namespace konductor::driver {

// What the gates check, fixed when they begin.
struct GateSubject {
  TaskAddress address;
  TaskText text;
  engine::TaskRecord task;
  PlanTree* tree = nullptr;
  AttemptPaths paths;
  std::vector<std::string> environment;
  std::optional<ports::Confinement> confinement;  // Of the executor's attempt.
  std::vector<std::string> deleted;               // What the summary lists as deleted.
  bool owes_test = false;  // The plan wants tests first, and no earlier task has written them.
};

// Something that a gate holds against the task. What commands print need not be UTF-8.
engine::Finding gate_finding(std::string source, std::string text);

// Of a task whose executor handed in a summary.
Task<Result<GateSubject>> make_gate_subject(RunShared& shared, TaskAddress address);

}  // namespace konductor::driver
