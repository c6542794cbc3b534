// SPDX-License-Identifier: MIT
#include "cli/command_line_errors.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"

namespace konductor::cli {
namespace {

// Options whose value is the next word.
bool takes_value(const CLI::App& app, const std::string& word) {
  const CLI::Option* option = app.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_max() > 0;
}

std::vector<std::string> commands_below(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// Some commands do something by themselves and have others below them.
bool needs_command(const CLI::App& app) {
  return app.get_require_subcommand_min() > 0;
}

// What is wrong with the words that name a command: "did you mean", or "".
std::string command_hint(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.empty() && word[0] == '-') {
      if (takes_value(*at, word)) ++i;
      continue;
    }
    const std::vector<std::string> names = commands_below(*at);
    if (names.empty() || !needs_command(*at)) return {};
    const bool is_known = std::find(names.begin(), names.end(), word) != names.end();
    if (!is_known) {
      const std::string near = nearest(word, names);
      return "no command " + quote(word) +
             (near.empty() ? "; there is " + join(names, ", ")
                           : "; did you mean " + quote(near) + "?");
    }
    at = at->get_subcommand(word);
  }
  if (!needs_command(*at)) return {};
  const std::vector<std::string> missing = commands_below(*at);
  return missing.empty() ? std::string() : "no command given; there is " + join(missing, ", ");
}

// The deepest command that the words lead to.
const CLI::App& meant_command(const CLI::App& app) {
  const CLI::App* at = &app;
  while (true) {
    const std::vector<const CLI::App*> chosen =
        at->get_subcommands([](const CLI::App* command) { return command->parsed() > 0; });
    if (chosen.empty()) return *at;
    at = chosen.front();
  }
}

// What is wrong with a word that begins with "-": "did you mean", or "".
std::string option_hint(const CLI::App& command, int argc, const char* const* argv) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
  for (int i = 1; i < argc; ++i) {
    const std::string whole = argv[i];
    const std::string word = whole.substr(0, whole.find('='));
    if (word.rfind("--", 0) != 0 || command.get_option_no_throw(word) != nullptr) continue;
    const std::string near = nearest(word, names);
    if (near.empty()) return "no option " + quote(word);
    return "no option " + quote(word) + "; did you mean " + quote(near) + "?";
  }
  return {};
}

std::string expected_value(const std::string& type) {
  if (type == "DURATION") return "a time above zero, such as 90s, 10m or 2h";
  if (type == "USD") return "an amount above zero, such as 2.50";
  return "a whole number";
}

// What is wrong with a value that is not of its option's type, or "".
std::string value_hint(const CLI::App& command, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ConversionError*>(&error) == nullptr) return {};
  const std::string told = error.what();
  for (const CLI::Option* option : command.get_options()) {
    const std::string& name = option->get_name();
    if (option->results().empty() || told.find(name + " = ") == std::string::npos) continue;
    return name + " " + quote(option->results().back()) + " is not " +
           expected_value(option->get_type_name());
  }
  return {};
}

}  // namespace

std::string command_name(const CLI::App& app) {
  std::vector<std::string> names;
  const CLI::App* at = &meant_command(app);
  for (; at->get_parent() != nullptr; at = at->get_parent())
    names.insert(names.begin(), at->get_name());
  return join(names, " ");
}

bool is_json_asked_for(int argc, const char* const* argv) {
  return std::any_of(argv + 1, argv + argc,
                     [](const char* word) { return std::string_view(word) == "--json"; });
}

void set_usage_error(CommandLine& line, const CLI::App& app, const CLI::ParseError& error, int argc,
                     const char* const* argv) {
  line.exit = 2;
  line.message = command_hint(app, argc, argv);
  const bool is_unknown_option = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (line.message.empty() && is_unknown_option)
    line.message = option_hint(meant_command(app), argc, argv);
  if (line.message.empty()) line.message = value_hint(meant_command(app), error);
  if (line.message.empty()) line.message = error.what();
  const std::string command = line.name.empty() ? "konductor" : "konductor " + line.name;
  line.error = "konductor: error: " + line.message + "\n  try `" + command + " --help`";
  // The error may stand before the word that asks for JSON.
  line.common.is_json = line.common.is_json || is_json_asked_for(argc, argv);
}

}  // namespace konductor::cli
