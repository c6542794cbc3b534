// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "driver/execute.hpp"
#include "platform/phase_fence.hpp"
#include "platform/sqlite_journal.hpp"
#include "ports/file_store.hpp"
#include "ports/workspaces.hpp"

namespace konductor::cli {

// A phase that is this engine's: the lock on it, its journal and its workspaces. Each needs those
// above it.
struct HeldPhase {
  std::unique_ptr<platform::PhaseFence> fence;
  std::unique_ptr<platform::SqliteJournal> journal;
  std::unique_ptr<ports::Workspaces> workspaces;
};

// What preparing a phase works with.
struct PreparationOutside {
  ports::FileStore& files;
  boost::asio::any_io_executor executor;         // Where notes of a later time are told.
  std::function<void(const std::string&)> note;  // Tells the person something that is no error.
};

// Completes `facts`, which hold the phase, its plans and its configuration: the roles, the sandbox,
// the containment and the run's name. Takes the phase (`takes_over`: also from an engine that is
// suspended), puts in order what an engine that died left, and opens what a run works with. `now`:
// milliseconds since 1970, UTC. After an error `held` has what was taken before it. Errors: `busy`
// while another engine has the phase; `environment` and `invalid_input` say what is missing.
Result<void> prepare_phase(const PreparationOutside& outside, bool takes_over, std::int64_t now,
                           driver::RunFacts& facts, HeldPhase& held);

// How long tasks took, if the schedule of `facts` asks for it.
Result<void> read_durations(const platform::SqliteJournal& journal, driver::RunFacts& facts);

}  // namespace konductor::cli
