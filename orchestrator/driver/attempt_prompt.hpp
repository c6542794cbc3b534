// SPDX-License-Identifier: MIT
#pragma once

#include "agent/prompt.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/run_shared.hpp"

namespace konductor::driver {

// Gathers what an attempt is told: from the plan, the journal, the diff and the task's history.
class AttemptPrompt {
 public:
  explicit AttemptPrompt(RunShared& shared) : shared_(shared) {}

  // The whole prompt for the attempt that is about to start with this runtime, part by part, in
  // UTF-8. `left_over` is the reference that keeps what an attempt cut off by a crash had left in
  // the tree, or "".
  Task<Result<std::vector<agent::PromptPart>>> build(engine::command::start_attempt command,
                                                     AttemptPaths paths, RoleRuntime runtime,
                                                     std::string left_over);

 private:
  // Tasks whose summaries this attempt is given, in the order they ran.
  std::vector<TaskAddress> earlier_tasks(const TaskAddress& address) const;
  Task<Result<void>> add_summaries(const engine::command::start_attempt& command,
                                   agent::PromptInputs& inputs);
  Task<Result<void>> add_review_material(engine::TaskRecord task, engine::Action action,
                                         agent::PromptInputs& inputs);
  void add_dispatch(const engine::command::start_attempt& command, const engine::TaskRecord& task,
                    agent::PromptInputs& inputs) const;
  Task<Result<void>> add_kept_work(engine::TaskRecord task, std::string left_over,
                                   agent::PromptInputs& inputs);
  Task<Result<void>> add_conflict(int plan, agent::PromptInputs& inputs);
  void add_skipped(const TaskAddress& address, agent::PromptInputs& inputs) const;
  void add_verify_commands(const TaskAddress& address, agent::PromptInputs& inputs) const;

  RunShared& shared_;
};

}  // namespace konductor::driver
