// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "driver/attempt_environment.hpp"
#include "engine/run_machine.hpp"
#include "ports/process_launcher.hpp"

// Attempts whose engine died while they were at work, and that are taken over.
namespace konductor::driver {

// What an attempt's supervisor wrote down; see orchestrator/supervisor.
struct ProcessRecord {
  ports::ProcessIdentity identity;         // Of the supervisor.
  std::optional<ports::ProcessExit> exit;  // Of the program, once it has ended.
  std::string ended_by = {};               // "" when it ended by itself.
  // How long the program ran; nothing before it has ended.
  std::optional<std::chrono::milliseconds> duration = {};
  bool is_out_of_memory = false;  // The kernel killed a process at the attempt's ceiling.
};

// The file of an attempt's run directory that its supervisor writes.
std::filesystem::path process_record_path(const AttemptPaths& paths);

// Nothing when there is none, or nothing that makes sense.
std::optional<ProcessRecord> read_process_record(const ports::FileStore& files,
                                                 const AttemptPaths& paths);

// How an attempt is supervised; nothing when the supervisor is not installed.
std::optional<ports::Supervision> supervision_of(const RunFacts& facts, const AttemptPaths& paths,
                                                 std::chrono::milliseconds timeout);

struct AdoptedAttempt {
  std::string run;                          // That started it.
  std::string name;                         // Of its run directory and its cgroup.
  const RoleRuntime* runtime = nullptr;     // What it runs with.
  bool is_resumed = false;                  // It goes on in the session of those before it.
  bool is_in_copy = false;                  // It works in the copy of its plan's tree.
  std::int64_t started_at = 0;              // Milliseconds since 1970.
  std::unique_ptr<ports::Process> process;  // Null when it has ended.
};
using AdoptedAttempts = std::map<TaskAddress, AdoptedAttempt>;

// Attempts in flight whose process is alive, or of which it is known how it ended, as far as the
// run may work on their tasks. `state` is the fold of the journal before the run began.
AdoptedAttempts find_attempts_to_adopt(const RunFacts& facts, ports::ProcessLauncher& launcher,
                                       const ports::FileStore& files, const engine::RunState& state,
                                       const engine::RunScope& scope);

}  // namespace konductor::driver
