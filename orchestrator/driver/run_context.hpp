// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/confinement.hpp"
#include "agent/containment.hpp"
#include "agent/role.hpp"
#include "base/redactor.hpp"
#include "config/config.hpp"
#include "driver/phase_files.hpp"
#include "driver/project.hpp"
#include "driver/protected_files.hpp"
#include "driver/supervise.hpp"
#include "engine/run_machine.hpp"
#include "ports/arrival_watch.hpp"
#include "ports/change_watch.hpp"
#include "ports/clock.hpp"
#include "ports/file_store.hpp"
#include "ports/journal.hpp"
#include "ports/person.hpp"
#include "ports/process_launcher.hpp"
#include "ports/run_observer.hpp"
#include "ports/workspaces.hpp"

namespace konductor::driver {

template <class T>
using Task = boost::asio::awaitable<T>;

// One of the runtimes that a role may run with.
struct RoleRuntime {
  std::string name;
  config::RuntimeSettings settings;  // Its program is an absolute path.
  std::string model;                 // "": the agent's own default.
  std::string client;                // Kind acp: the program that speaks with the agent.
  // Whose limits it meets: the same for all attempts, of other roles and engines too, that a
  // provider counts together. Tells nothing of the account.
  std::string account;
};

// How one role is started in this run.
struct ResolvedRole {
  agent::Role role;
  std::vector<RoleRuntime> runtimes;  // Tried in turn on quota or outage; at least one.
  std::map<std::string, std::string> instructions;  // By template name, holes filled.
  std::chrono::milliseconds timeout{0};
};

// The outside world of a run, as its performers see it. Everything is owned by the composition root
// and outlives the run.
struct RunPorts {
  ports::Clock& clock;
  ports::ProcessLauncher& launcher;
  ports::FileStore& files;
  ports::Workspaces& workspaces;
  ports::Journal& journal;
  ports::ChangeWatcher& change_watcher;
  ports::ArrivalWatch& arrivals;  // Of requests from other processes.
  // Where what blocks is done. Simulations do all of it on their own loop.
  boost::asio::any_io_executor journal_pool;  // One thread: the journal takes one at a time.
  boost::asio::any_io_executor work_pool;     // Git and files.
  ports::Person* person = nullptr;            // Null: nobody is there to be asked.
};

// What a run knows from its start to its end.
struct RunFacts {
  ProjectLayout layout;
  PhaseLocation phase;
  std::string run;  // The run's id.
  config::Config config;
  std::map<int, plan::Plan> plans;
  std::map<RoleName, ResolvedRole> roles;
  std::vector<std::string> environment;  // Of the engine: "NAME=value".
  Redactor redactor;                     // What may not be written down.
  std::string project_context;           // project.md
  engine::TaskDurations durations;       // Of earlier runs.
  // True when an engine of another phase was at work since this run began. Safe on any thread.
  std::function<bool()> are_others_active;
  agent::Containment containment;  // Of attempts and verify commands.
  // Bytes that programs can have; 0 is not known. Empty: nobody asks. Called on the loop's thread.
  std::function<std::uint64_t()> available_memory;
  agent::SandboxChoice sandbox;            // What attempts are confined by.
  std::filesystem::path supervisor;        // konductor-supervisor; empty: attempts have none.
  std::filesystem::path record_directory;  // `--record`; empty: nothing is recorded.
};

}  // namespace konductor::driver
