// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "driver/run_context.hpp"
#include "engine/command.hpp"

namespace konductor::driver {

// Where one attempt finds and leaves its files; absolute paths.
struct AttemptPaths {
  std::filesystem::path directory;  // Run directory: prompt.md, stdout.log, stderr.log, exit.json.
  std::filesystem::path prompt;
  std::filesystem::path plan;    // Read-only copy; empty for the phase's own attempts.
  std::filesystem::path output;  // Inside the workspace.
  std::filesystem::path schema;  // Of the document, where one is asked for by a schema.
  std::filesystem::path workspace;
};

// "NAME=value" for an attempt, complete and sorted: what every program needs from the engine's own
// environment, the runtime's `pass_env` and `env`, and the KONDUCTOR_* of the attempt.
std::vector<std::string> attempt_environment(const RunFacts& facts, const RoleRuntime& runtime,
                                             const engine::command::start_attempt& command,
                                             const AttemptPaths& paths);

// Whether the attempt goes on in the session that its command names.
bool resumes_session(const RoleRuntime& runtime, const engine::command::start_attempt& command);

// The prompt for a fresh session, beside that of an attempt of kind `acp` that goes on in one:
// whether the agent can is not known before it is asked.
std::filesystem::path whole_prompt_path(const AttemptPaths& paths);

// The runtime's argv with `{role}`, `{model}`, `{workspace}`, `{prompt_file}` and `{output_file}`
// filled in, and `args` behind it. Kind `replay` gets its cassette and take, and kind `acp` the
// client that speaks with it in front.
std::vector<std::string> attempt_arguments(const RunFacts& facts, const RoleRuntime& runtime,
                                           const engine::command::start_attempt& command,
                                           const AttemptPaths& paths);

// Whose limits a runtime meets: a fingerprint of its command and of what it gets of the engine's
// `environment` beyond what every program gets, such as its key and its provider's address.
std::string provider_account(const config::RuntimeSettings& runtime,
                             const std::vector<std::string>& environment);

// The string that marks an attempt's processes: its KONDUCTOR_PROMPT_FILE entry.
std::string attempt_token(const std::filesystem::path& prompt);

// The value of NAME in "NAME=value" entries; "" when it is not there.
std::string environment_value(const std::vector<std::string>& environment, std::string_view name);

}  // namespace konductor::driver
