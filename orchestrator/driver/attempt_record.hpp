// SPDX-License-Identifier: MIT
#pragma once

#include "driver/attempt.hpp"

namespace konductor::driver {

// What an attempt used of what its agent told. `before` is what attempts before it used in its
// session, null when it began one. Costs come from the runtime's prices where the agent names none.
engine::Usage usage_of_attempt(const config::RuntimeSettings& runtime, const engine::Usage* before,
                               const engine::Usage& told);

// Writes to its run directory what the attempt runs with, for who looks when its engine is gone.
Result<void> write_attempt_record(ports::FileStore& files, const Attempt& attempt);

// Adds what the files of an attempt tell whose engine was killed: what it ran with, its session,
// and what it used as far as it told. `run` is the one that started it. Files that are missing or
// damaged tell nothing.
void add_left_record(const RunFacts& facts, const ports::FileStore& files,
                     const engine::RunState& state, const std::string& run,
                     engine::event::attempt_finished& finished);

}  // namespace konductor::driver
