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

// Adds a command below another one, with the options that every command has.
using AddCommand = std::function<CLI::App*(CLI::App& parent, const std::string& name,
                                           const std::string& about, const std::string& example)>;

// What the command line says of the commands that look.
struct LookWords {
  LogOptions log;
  ExplainOptions explain;
  CostOptions cost;
  RunsOptions runs;
  std::optional<LookCommand> chosen;  // The one that was asked for.
};

// `words` outlives the parsing.
void add_look_commands(CLI::App& app, const AddCommand& add, LookWords& words);

// `execute --junit` and `--summary`.
void add_report_options(CLI::App& execute, ExecuteOptions& options);

}  // namespace konductor::cli
