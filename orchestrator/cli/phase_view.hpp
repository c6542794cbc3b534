// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "driver/phase_files.hpp"
#include "driver/project.hpp"
#include "engine/run_state.hpp"
#include "platform/sqlite_journal.hpp"
#include "ports/file_store.hpp"

namespace konductor::cli {

// A phase of a project, chosen by what a person typed.
struct ChosenPhase {
  driver::ProjectLayout layout;
  driver::PhaseLocation location;
};

// Finds the project from `common.directory` upwards, and in it the phase `text`; "" is the one that
// state.toml is at, or the only one.
Result<ChosenPhase> choose_phase(const ports::FileStore& files, const CommonOptions& common,
                                 const std::string& text);

// How far a phase is.
struct PhaseProgress {
  engine::RunState state;
  bool has_journal = false;
  std::optional<platform::LastRun> last_run;
};

// Reads the journal beside a working engine and makes no file. Without a journal the markers under
// `phases/` tell what is complete. `seen` gets each event of the journal.
Result<PhaseProgress> read_progress(const ports::FileStore& files, const ChosenPhase& chosen,
                                    const driver::PhasePlans& phase,
                                    const std::map<int, plan::Plan>& plans,
                                    const std::function<void(const engine::Event&)>& seen = {});

// What the journal says of a phase; that nothing happened yet when there is no journal.
Result<engine::RunState> read_state(const std::filesystem::path& database, const std::string& phase,
                                    const std::map<int, plan::Plan>& plans);

// True when an engine of another phase than `own_phase` has recorded something since. Opens a
// connection of its own, so that any thread may ask.
bool are_other_phases_active(const std::filesystem::path& database, const std::string& own_phase,
                             std::int64_t since);

// Tasks of a plan that count: those that a split replaced do not.
int count_tasks(const engine::RunState& state, int plan);
int count_completed_tasks(const engine::RunState& state, int plan);

// Why a task is blocked, failed or left to a person; "" in other states.
std::string reason_of(const engine::TaskState& state);
// Why a plan was skipped or cannot complete; "" in other states.
std::string reason_of(const engine::PlanState& state);

}  // namespace konductor::cli
