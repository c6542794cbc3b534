// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/attempt_outcome.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/run_shared.hpp"

namespace konductor::driver {

// Facts of one attempt that are fixed when it begins.
struct Attempt {
  engine::command::start_attempt command;
  const RoleRuntime* runtime = nullptr;  // What it runs with.
  bool is_resumed = false;               // It goes on in the session that its command names,
  engine::Usage session_usage;           // in which attempts before it used this.
  std::string run;                       // That started it.
  std::string name;
  AttemptPaths paths;
  std::string head;  // Commit the tree stands at before and, for readers, after.
  ports::GuardState guard;
  PlanTree* tree = nullptr;
  PlanTree* original = nullptr;  // The plan's, where `tree` is the copy for reviewers.
  MemoryGate::Place* place = nullptr;
  ports::CommitText commit;
  // Paths in its workspace, when the kernel holds it to them.
  std::optional<std::vector<std::string>> lease;
  std::string plan_text;  // The plan file, and the sub-tasks that a split added.
};

// What happened to its process, before anybody looked at its work.
struct AttemptEnding {
  agent::OutcomeFacts facts;
  double seconds = 0;
  std::int64_t steps = 0;  // Tool calls, as far as it told them.
};

// Of an attempt that is about to be prepared, or of one that `run` started: no tree is touched and
// no file written. `is_in_copy`: in that of the plan's tree, which is there.
Attempt make_attempt(const RunShared& shared, const engine::command::start_attempt& command,
                     const RoleRuntime& runtime, const std::string& run, bool is_in_copy);

// Keeps what is in the attempt's tree aside under the name of the executor's attempt that left it;
// returns the reference that keeps it, "" when there was nothing.
Result<std::string> keep_aside(RunShared& shared, const Attempt& attempt);

// Puts the tree to where the attempt began, once what is in it was kept aside.
Result<void> reset_tree(RunShared& shared, const Attempt& attempt);

// Both.
Result<std::string> put_tree_back(RunShared& shared, const Attempt& attempt);

}  // namespace konductor::driver
