// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/command.hpp"
#include "ports/workspaces.hpp"

namespace konductor::driver {

// What an attempt did, as far as playing it again needs it.
struct RecordedAttempt {
  engine::command::start_attempt command;
  std::vector<ports::FileChange> changes;  // Against the state the attempt began at.
  std::filesystem::path workspace;         // Holds the changed files.
  std::string document;                    // "" when none was handed in.
  int exit_code = 0;
};

// Writes one take of a cassette (docs/cassette.md). Error `invalid_input` for what a cassette
// cannot hold, such as a symbolic link.
Result<void> record_attempt(const std::filesystem::path& cassette, const RecordedAttempt& attempt);

}  // namespace konductor::driver
