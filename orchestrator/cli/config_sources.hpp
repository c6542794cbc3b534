// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "cli/options.hpp"
#include "config/config.hpp"
#include "driver/project.hpp"
#include "ports/file_store.hpp"

namespace konductor::cli {

// Where the person's own settings lie: below XDG_CONFIG_HOME, or HOME's ".config". Empty when the
// environment names neither.
std::filesystem::path user_config_path(const std::vector<std::string>& environment);

// The project whose settings hold in a directory; where there is none only the user's own do.
driver::ProjectLayout settings_layout(const std::string& directory);

// The settings of this call: the user's file, the project's file, the environment, then `--set`.
// A runtime's program that is named by a path is the project's, from wherever the call is made:
// such paths are absolute in what is returned. Errors: `invalid_input` with every mistake of every
// source, `io` for a file that is there and cannot be read.
Result<config::Config> load_configuration(const ports::FileStore& files,
                                          const driver::ProjectLayout& layout,
                                          const CommonOptions& common,
                                          const std::vector<std::string>& environment);

// What `--set` needs to name a runtime's program where the project's own settings are read for a
// folder elsewhere; "" for one that is looked for in PATH.
std::string program_setting(const std::string& runtime_name,
                            const config::RuntimeSettings& runtime);

// The phase that state.toml is at; "" when the file is missing or damaged, which those say who need
// more of it.
std::string current_phase(const ports::FileStore& files, const driver::ProjectLayout& layout);

}  // namespace konductor::cli
