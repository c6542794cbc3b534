// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ceilings.hpp"
#include "base/result.hpp"

namespace konductor::ports {

// What stands between the engine and the program, outlives the engine and writes down how the
// program ended (see orchestrator/supervisor).
struct Supervision {
  std::string program;  // Path of konductor-supervisor.
  std::string record;   // File that it writes.
  // What becomes of the program when the engine dies: it is ended, or goes on up to its limit.
  bool stops_on_engine_death = false;
  std::chrono::milliseconds timeout{0};  // Zero: none.
  std::chrono::milliseconds grace{0};    // From SIGTERM to SIGKILL.
};

// What the kernel refuses a program and all that it starts. Places are files, or directories with
// all that is in them, by absolute paths; links are followed, what is missing is left out.
struct Confinement {
  std::string bwrap;                       // Path of bubblewrap, which makes it; "": Landlock does.
  std::vector<std::string> writable;       // Nothing else may be written.
  std::vector<std::string> unreadable;     // These may not be read, but for what is `writable`
  std::vector<std::string> readable = {};  // or one of these.
};

// What to start. Nothing is inherited but what is named here.
struct ProcessSpec {
  std::vector<std::string> argv;         // argv[0] is looked up in the environment's PATH.
  std::vector<std::string> environment;  // "NAME=value", complete.
  std::string directory;                 // Working directory.
  std::string stdin_path;                // File to read from; "" is /dev/null.
  std::string stdout_path;               // Created or appended to; "" is /dev/null.
  std::string stderr_path;
  // Marks the attempt's processes: an environment string such as "KONDUCTOR_PROMPT_FILE=/…" that is
  // in `environment` and in no other attempt's. The sweep finds strays by it.
  std::string token;
  std::optional<Confinement> confinement = {};  // None: it may do whatever its user may.
  std::optional<Supervision> supervision = {};
  // Directory of the cgroup that it is started in with all that it starts, but not its supervisor;
  // made, and its parent, when missing, and removed when its processes have ended. "": none.
  std::string cgroup = {};
  Ceilings ceilings = {};  // Those of processes and memory take a cgroup.
};

// Enough to find a process again after the engine died, and never a reused pid.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // Field 22 of /proc/<pid>/stat.
  std::string token;
  std::string cgroup = {};  // As of its ProcessSpec.
};

// How a process ended.
struct ProcessExit {
  int exit_code = -1;  // -1 when a signal ended it.
  int signal = 0;
};

// One started process and everything it starts.
class Process {
 public:
  virtual ~Process() = default;
  virtual ProcessIdentity identity() const = 0;
  // Returns when the process itself has ended (its descendants may live on), or throws
  // operation_aborted when cancelled; may be awaited again then, and after it returned. Not by two
  // at once. Errors as of start(), for what only its supervision could find out.
  virtual boost::asio::awaitable<Result<ProcessExit>> wait() = 0;
  // Sends SIGINT to the process itself and to nobody else: agents that know how to then end what
  // they are at, say so, and end.
  virtual void interrupt() = 0;
  // Sends a signal to the process's group and to every other process of the attempt.
  virtual void signal_tree(int signal) = 0;
  // Ends every process of the attempt with SIGKILL, sweeping until none is left; returns how many
  // the sweep found besides the process itself. Call after wait(), or instead of it.
  virtual boost::asio::awaitable<Result<int>> kill_tree() = 0;
  // Which of its ceilings it met; known when kill_tree() has returned.
  virtual CeilingsMet ceilings_met() const = 0;
  // Bytes of memory that its processes hold for themselves by now.
  virtual std::uint64_t memory() const = 0;
  // Bytes that stdout and stderr hold by now.
  virtual std::uint64_t output_bytes() const = 0;
  // Returns when output grew since the last call, or throws operation_aborted when cancelled. Costs
  // nothing while nothing is written.
  virtual boost::asio::awaitable<void> output_grew() = 0;
  // Leaves it to another engine: it is ended by nothing that this object does from now on, its
  // destructor included.
  virtual void abandon() = 0;
  // For how long it has been there, whatever was made of the wall clock meanwhile; nothing when
  // that is not known.
  virtual std::optional<std::chrono::milliseconds> age() const = 0;
};

// Starts attempts and verify commands. A supervisor process or a cluster can stand behind it.
class ProcessLauncher {
 public:
  virtual ~ProcessLauncher() = default;
  // Errors: `environment` when the program cannot be found, the system has no room for another
  // process or cannot confine one (the message names it), `io` otherwise.
  virtual Result<std::unique_ptr<Process>> start(const ProcessSpec& spec) = 0;
  // Takes over a process that an earlier engine started. Error `not_found` when it is gone or
  // another process has its pid now.
  virtual Result<std::unique_ptr<Process>> adopt(const ProcessIdentity& identity) = 0;
  // Ends every process on this host whose environment holds `token`, children included; returns how
  // many. For what a killed engine left behind.
  virtual boost::asio::awaitable<Result<int>> sweep(std::string token) = 0;
  // Ends every process of a cgroup of an earlier run's and removes it with all that is below it,
  // but for the children of these names, which are left alone; returns how many there were. One
  // that is not there counts as empty.
  virtual boost::asio::awaitable<Result<int>> end_cgroup(std::string directory,
                                                         std::set<std::string> kept) = 0;
};

}  // namespace konductor::ports
