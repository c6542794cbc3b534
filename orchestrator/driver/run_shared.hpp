// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "driver/adoption.hpp"
#include "driver/memory_gate.hpp"
#include "driver/offload.hpp"
#include "driver/output_follower.hpp"
#include "driver/quota_gate.hpp"
#include "driver/run_context.hpp"
#include "engine/run_machine.hpp"

namespace konductor::driver {

// An outcome with the documents that have to become durable together with it.
struct Report {
  engine::Outcome outcome;
  std::vector<ports::Document> documents;
};

// One plan's tree. Belongs to one performer at a time, on whichever thread that works.
struct PlanTree {
  ports::Workspace workspace;
  std::string clean_at;         // Commit at which the tree is known to stand.
  std::string left_by_run;      // The executor's attempt that worked in it last, of this or
  std::string left_by_attempt;  // an earlier run.
  // Whether verify commands fail at a commit that tasks begin at, by commit and command.
  std::map<std::pair<std::string, std::string>, bool> fails_at;
  std::string kept;                       // Reference to what the fix of a merge had left in it.
  std::unique_ptr<ProtectedFiles> files;  // Its own `.konductor`; null in place.
  std::unique_ptr<PlanTree> copy;         // Where reviewers work, since one did.
};

// What the performers of one run share. Used on the loop's thread only, but for what is said to be
// safe elsewhere. Owned by the RunDriver.
struct RunShared {
  RunShared(RunPorts& run_ports, const RunFacts& run_facts, engine::RunMachine& run_machine,
            StopSignal& stop_signal)
      : ports(run_ports),
        facts(run_facts),
        machine(run_machine),
        stop(stop_signal),
        quota(run_ports.clock, stop_signal,
              SharedLimits(run_ports.files, shared_limits_directory(run_facts.environment)),
              run_facts.config.limits.max_wait),
        memory(run_ports.clock, stop_signal, run_facts.config.execution.memory_per_attempt,
               run_facts.available_memory) {}

  RunPorts& ports;
  const RunFacts& facts;
  engine::RunMachine& machine;
  StopSignal& stop;
  QuotaGate quota;
  MemoryGate memory;

  std::map<int, std::unique_ptr<PlanTree>> trees;
  std::unique_ptr<ProtectedFiles> project_files;  // Safe from every thread.
  std::atomic<int> attempts_running = 0;
  AdoptedAttempts adopted;  // Not yet gone on with.
  // An attempt that was told of and has no process yet: it waits for its turn.
  class Waiting {
   public:
    Waiting(const RunShared& shared, const TaskAddress& address)
        : all_(shared.attempts_waiting), address_(address) {
      all_->insert(address_);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() { all_->erase(address_); }

   private:
    // The coroutines of a run that is dropped may outlive it.
    std::shared_ptr<std::set<TaskAddress>> all_;
    TaskAddress address_;
  };
  std::shared_ptr<std::set<TaskAddress>> attempts_waiting =
      std::make_shared<std::set<TaskAddress>>();
  bool is_time_up = false;  // The run has lasted as long as it may.
  // What ends the newest attempt at a task alone. Each is there before its attempt begins.
  std::map<TaskAddress, std::unique_ptr<StopSignal>> attempt_stops;
  // Makes a note of it at once, for an attempt that still waits or works.
  std::function<void(const TaskAddress& address, std::string text)> tell_note;
  TellOutput tell_output;  // Empty: nobody wants to know what attempts print.

  const engine::RunState& state() const { return machine.state(); }
  const plan::Plan* plan(int number) const {
    const auto found = facts.plans.find(number);
    return found == facts.plans.end() ? nullptr : &found->second;
  }
  bool is_in_place() const { return ports.workspaces.isolation() == "none"; }

  // A document that was accepted in this or an earlier run; "" when there is none.
  Task<Result<std::string>> document(std::string name);
  // The newest accepted document of a role for a task.
  Task<Result<std::string>> accepted_document(TaskAddress address, RoleName role);
};

// What stands in files where a plan's merge conflicts.
ports::ConflictLabels conflict_labels(const RunFacts& facts, int plan);

// Merged plans with a task that declares one of the files in which the plan's merge conflicts.
std::vector<int> plans_in_conflict(const RunShared& shared, int plan);

// A task as its attempts see it, from the plan file, from the split or from the merge conflict that
// made it.
struct TaskText {
  std::string title;
  std::vector<std::string> files;
  std::string verify;
  std::string markdown;  // The whole section.
};
TaskText task_text(const RunShared& shared, const TaskAddress& address);

}  // namespace konductor::driver
