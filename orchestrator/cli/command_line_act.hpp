// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "cli/act_options.hpp"

namespace CLI {
class App;
}

namespace konductor::cli {

// Makes a command with the options that all have: name, about, example.
using AddActCommand = std::function<CLI::App*(const std::string& name, const std::string& about,
                                              const std::string& example)>;

// pause, resume, stop, tell, skip, retry, unblock; what is given to one lands in `options`.
void add_act_commands(const AddActCommand& add, ActOptions& options);

// Whether `name` is one of these commands.
bool is_act_command(const std::string& name);

}  // namespace konductor::cli
