// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "driver/run_context.hpp"
#include "engine/run_state.hpp"
#include "ports/file_store.hpp"
#include "ports/journal.hpp"

namespace konductor::cli {

// Runs in whose folders something lies that a phase may still need: attempts that are under way or
// were cut off, and what stands in trees of plans that are not complete. A phase that is complete
// needs none.
std::set<std::string> needed_runs(const engine::RunState& state);

// Names of the folders in `runs` in which nothing was written since `age` before `now`
// (milliseconds since 1970, UTC), sorted.
std::vector<std::string> old_runs(const std::filesystem::path& runs, std::chrono::milliseconds age,
                                  std::int64_t now);

// Removes the folders of the phase's own runs that are older than `runs.keep`, but for this run's
// and those that are needed still; returns how many. Those of other phases are theirs to remove.
// What cannot be read or removed is left.
std::size_t remove_old_runs(ports::FileStore& files, const ports::Journal& journal,
                            const driver::RunFacts& facts, std::int64_t now);

// Of all files below; links are not followed.
std::uintmax_t bytes_below(const std::filesystem::path& folder);

}  // namespace konductor::cli
