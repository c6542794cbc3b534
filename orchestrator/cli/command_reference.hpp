// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace konductor::cli {

struct OptionReference {
  std::vector<std::string> names;    // "-q", "--quiet"; empty for an argument.
  std::string value;                 // What to write for it: "PHASE", "DURATION"; "" for a flag.
  std::vector<std::string> choices;  // All that it may be, where that is known.
  std::string about;
  bool is_required = false;
  bool is_repeatable = false;

  [[nodiscard]] bool has(const std::string& name) const;
};

// A command as people may type it.
struct CommandReference {
  std::string name;  // "check"
  std::string path;  // "konductor plan check"
  std::string about;
  std::string example;                     // Lines to show as they are.
  std::string schema;                      // The file of schemas/ that says what --json prints, or
                                           // "" for a name that only has commands below it.
  std::vector<OptionReference> arguments;  // In their order.
  std::vector<OptionReference> options;
  std::vector<CommandReference> commands;

  [[nodiscard]] const OptionReference* option(const std::string& word) const;
  [[nodiscard]] const CommandReference* command(const std::string& word) const;
};

// The program with all its commands, as the command line itself is read.
CommandReference read_command_reference();

// "konductor execute [OPTIONS] [PHASE]".
std::string usage_text(const CommandReference& command);

}  // namespace konductor::cli
