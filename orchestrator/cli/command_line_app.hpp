// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/options.hpp"

namespace CLI {
class App;
}

namespace konductor::cli {

// Shows the commands and options that parse_command_line reads, whatever they are.
void look_at_app(const std::function<void(const CLI::App&)>& look);

// Makes a command that has the options of all commands: its parent, name, about and example.
using AddCommand =
    std::function<CLI::App*(CLI::App&, const std::string&, const std::string&, const std::string&)>;

// `doctor` and `completions`.
void add_shell_commands(CLI::App& app, CompletionsOptions& completions, const AddCommand& add);

// Commands that programs call and no person: they are in no help, and take their words as they are.
std::optional<Command> hidden_command(int argc, const char* const* argv);

// Of the library that reads the command line.
std::string command_line_version();

}  // namespace konductor::cli
