// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/role.hpp"
#include "config/config.hpp"

namespace konductor::agent {

// What an agent's own command line has to be told of one attempt.
struct CliRequest {
  Permissions permissions;
  std::string model;
  std::string workspace;          // Absolute path.
  std::string session_id;         // A UUID that nobody used before,
  bool is_resumed = false;        // or the name of the session to go on in.
  std::string whole_prompt = {};  // File with the prompt for a fresh session, should it be lost.
  double usd_max = 0;             // The most that it may cost; zero is no limit.
  std::string schema;             // Of the object it answers with, "" without one, and
  std::string schema_file;        // a file that holds it.
  bool is_confined = false;       // By the engine: a sandbox of its own could not start.
};

// The arguments that follow the runtime's command, `args` of the configuration among them: without
// questions to a person, with events on stdout, the prompt from stdin, and no more rights than the
// role has. Empty but for `args` for a kind whose command line is the user's.
std::vector<std::string> cli_arguments(const config::RuntimeSettings& runtime,
                                       const CliRequest& request);

// The model as an agent of that kind is told it; "" when it is left to its own default. Other kinds
// than command and replay are not told the general default where that is another provider's.
std::string told_model(config::RuntimeKind kind, const std::string& model);

// Whether an attempt of that kind can go on in the session of an earlier one.
bool can_resume(config::RuntimeKind kind);

// What people know the agent by, for messages: the program, or what an interpreter such as Node.js
// is told to run ("pi" of `node /opt/pi/dist/cli.js`).
std::string program_name(const std::vector<std::string>& command);

// Variables that such an attempt gets unless the user sets them: no updates, no statistics, few
// retries of its own (the engine has its own). `is_root`: the agent runs as root.
std::map<std::string, std::string> cli_environment(config::RuntimeKind kind, bool is_root);

}  // namespace konductor::agent
