// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agents/agent_checks.hpp"

// What the tests of faults with real agents are written with.
namespace e2e {

// The executor writes `draft.txt` in its first step: work that no fault may lose.
json draft_step();
// What it does to complete its task, behind such a step.
json rest_of_work();
// Steps of an attempt that meets a fault behind its first one.
json steps_until(const json& fault);

// What the executor's attempts of one `konductor execute` came to.
struct FaultOutcome {
  Ended ended;
  Words causes;                 // Of all attempts, in order.
  std::vector<double> seconds;  // The same attempts'.
  std::size_t failed_tasks = 0;
};

// One agent, one fault, one task.
class FaultRun {
 public:
  // `fault` is the row of the table; `scenes` are those of the executor.
  FaultRun(const std::string& agent, std::string fault, const std::vector<json>& scenes);

  AgentScenario& scenario() { return scenario_; }
  // Runs the phase into the fault. Afterwards no process is left.
  FaultOutcome meet(const Words& more = {});
  // The same for a program that `start_execute` of the scenario started.
  FaultOutcome meet(Program& program);
  // Runs the phase again, now that the fault is over, with limits that end nothing: it completes.
  void go_on();
  // Holds what every fault has to: the task is done, what was written before the fault is in the
  // tree or kept. Tells the row's cell to $KONDUCTOR_FAULT_TABLE, a file.
  void check_nothing_lost();

  // Waits until the agent's tool has written this file into `home()`; the tool's process id.
  pid_t wait_for_tool(const Program& program, const std::string& file);
  // The agent's own process: the one whose parent is not of the attempt.
  pid_t leader();
  // Processes of attempts that still live.
  std::vector<pid_t> living();

 private:
  bool is_draft_kept();

  std::string agent_;
  std::string fault_;
  AgentScenario scenario_;
  FaultOutcome met_;
  bool is_draft_written_ = false;  // The model heard of it before the fault.
};

}  // namespace e2e
