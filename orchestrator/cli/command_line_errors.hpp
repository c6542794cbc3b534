// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cli/options.hpp"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace konductor::cli {

// The command that the words lead to: "plan check"; "" for the program itself.
std::string command_name(const CLI::App& app);

// Whether --json stands anywhere in the words.
bool is_json_asked_for(int argc, const char* const* argv);

// Fills in what `line` has to say of words that cannot be read, with what was probably meant; its
// name is known already. Exit code 2.
void set_usage_error(CommandLine& line, const CLI::App& app, const CLI::ParseError& error, int argc,
                     const char* const* argv);

}  // namespace konductor::cli
