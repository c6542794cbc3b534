// SPDX-License-Identifier: MIT
#pragma once

#include "agent/agent_stream.hpp"
#include "base/redactor.hpp"
#include "config/config.hpp"
#include "driver/run_shared.hpp"

namespace konductor::driver {

// Knows the secrets that attempts can get hold of: those of the engine's `environment`, and of what
// runtimes are given by `env`.
Redactor make_redactor(const std::vector<std::string>& environment, const config::Config& config);

// Every text of what a performer reports, before anything is decided or recorded of it; its
// documents are redacted where they are read.
void redact(const Redactor& redactor, engine::Outcome& outcome);
// Every text of an event.
void redact(const Redactor& redactor, engine::EventBody& body);
// What an agent said of its end. A session that is named like a secret is not gone on with.
void redact(const Redactor& redactor, agent::StreamReport& report);

// Lets the engine into a directory of its own that somebody closed.
void open_to_owner(const std::filesystem::path& directory);

// One line for each folder and file below a directory that the engine may not read, and that are
// somebody else's therefore: what is in them is not redacted. Links are not followed.
std::vector<std::string> unread_notes(const std::filesystem::path& directory);

// A log of a process that has ended, or a directory of them, on the work pool.
Task<Result<void>> redact_files(RunShared& shared, std::filesystem::path path);

}  // namespace konductor::driver
