// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent_cli.hpp"
#include "agent/role.hpp"
#include "config/config.hpp"

namespace konductor::agent {

// The arguments of `konductor-acp` for one attempt, up to and with the "--" that the agent's own
// command stands behind.
std::vector<std::string> acp_arguments(const config::RuntimeSettings& runtime,
                                       const CliRequest& request);

// True for a variable of the engine's environment that this agent is told by: its provider's keys
// and its own settings. Which agent it is, is told by the programs that its command names.
bool acp_agent_needs(const config::RuntimeSettings& runtime, std::string_view variable);

// Which agent that is: "opencode", "gemini", "qwen", "kiro", or the name of an adapter, such as
// "codex-acp"; "" when none is known.
std::string_view acp_agent_name(const config::RuntimeSettings& runtime);

// Variables that the agent gets unless the user sets them: no updates, and its own rules of what
// has to be asked for, where it takes them from there.
std::map<std::string, std::string> acp_environment(const config::RuntimeSettings& runtime,
                                                   const Permissions& permissions);

}  // namespace konductor::agent
