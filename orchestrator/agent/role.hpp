// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/role_name.hpp"
#include "config/config.hpp"

namespace konductor::agent {

// What an agent may do as this role, as far as its runtime can enforce it.
struct Permissions {
  bool write = false;  // Change files of the workspace; every role may write its document.
  bool shell = false;  // Run commands.
  // What it may not read when it is confined: absolute, below "~", or relative to the project. A
  // role that was resolved has a list.
  std::optional<std::vector<std::string>> deny_read = {};
  friend bool operator==(const Permissions&, const Permissions&) = default;
};

// Who an attempt works as.
struct Role {
  RoleName name = RoleName::executor;
  std::string description;
  std::vector<std::string> runtimes;  // Tried in turn; "auto" is the first installed agent.
  std::string model;                  // "": that of the runtime, else general.default_model.
  std::string prompt;                 // Name of the template, without ".md".
  Permissions permissions;
  std::optional<std::chrono::milliseconds> timeout;  // Wall time of an attempt; zero is none.
  bool is_enabled = true;
  friend bool operator==(const Role&, const Role&) = default;
};

// A file that the caller read.
struct TextFile {
  std::string path;  // For messages.
  std::string text;
};

// "konductor-executor.toml".
std::string role_file_name(RoleName name);

// JSON Schema of a role's file.
nlohmann::ordered_json role_schema();

// Reads the file of one role, whose name is that of the file, `konductor-<role>.toml`. Keys that it
// leaves out keep the value of `base`. The error `invalid_input` names every mistake, one a line,
// as `path:line:column: text`.
Result<Role> parse_role(const std::string& path, std::string_view text, const Role& base = {});

// The role as this project uses it: shipped file, then the project's file, then [roles.<role>] of
// the configuration, then its general settings for what is still open. Runtimes, prompt and timeout
// are set in the result. Errors: `not_found` when there is neither a shipped file nor one
// of the project, `invalid_input` as parse_role and for runtimes that nobody configured.
Result<Role> resolve_role(RoleName name, const std::optional<TextFile>& project_file,
                          const config::Config& config);

}  // namespace konductor::agent
