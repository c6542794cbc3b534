// SPDX-License-Identifier: MIT
#pragma once

#include "driver/attempt.hpp"

namespace konductor::driver {

// What an attempt used of what its agent told. `before` is what attempts before it used in its
// session, null when it began one. Costs come from the runtime's prices where the agent names none.
engine::Usage usage_of_attempt(const config::RuntimeSettings& runtime, const engine::Usage* before,
                               const engine::Usage& told);

// The file of an attempt's run directory that says what it runs with.
std::filesystem::path attempt_record_path(const AttemptPaths& paths);

// Writes it, for who looks when the attempt's engine is gone. `started_at`: now, in milliseconds
// since 1970. `is_in_overlay`: its files are in mounts of its engine alone.
Result<void> write_attempt_record(ports::FileStore& files, const Attempt& attempt,
                                  std::int64_t started_at, bool is_in_overlay);

// The paths that the attempt of this run directory was given to write; nothing when it had no lease
// or the file is gone.
std::optional<std::vector<std::string>> read_lease(const ports::FileStore& files,
                                                   const std::filesystem::path& directory);

// Adds what the files of an attempt tell whose engine was killed: what it ran with, its session,
// and what it used as far as it told. Files that are missing or damaged tell nothing. `state` is
// what the journal said before that.
void add_left_record(const RunFacts& facts, const ports::FileStore& files,
                     const engine::RunState& state, engine::event::attempt_finished& finished);

}  // namespace konductor::driver
