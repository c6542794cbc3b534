// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"
#include "cli/command_line_act.hpp"
#include "cli/command_line_app.hpp"
#include "cli/command_reference.hpp"

namespace konductor::cli {
namespace {

// The library writes what an option is checked for behind its type: "TEXT:{text,dot,json}".
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return choices;
  for (const std::string_view choice :
       split(std::string_view(type).substr(open + 1, close - open - 1), ','))
    choices.emplace_back(choice);
  return choices;
}

OptionReference read_option(const CLI::Option& option) {
  OptionReference read;
  for (const std::string& name : option.get_snames())
    read.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames())
    read.names.push_back("--" + name);
  read.about = option.get_description();
  read.is_required = option.get_required();
  read.is_repeatable = option.get_items_expected_max() > 1 ||
                       option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  if (option.get_items_expected_max() == 0) return read;
  const std::string type = option.get_type_name();
  read.choices = choices_in(type);
  const std::string word = type.substr(0, type.find(':'));
  read.value = read.names.empty() ? option.get_name(true) : word;
  return read;
}

// "Example:\n" and lines that are indented already.
std::string example_in(const std::string& footer) {
  const std::string head = "Example:\n";
  const std::size_t at = footer.find(head);
  return at == std::string::npos ? footer : footer.substr(at + head.size());
}

// Named like the command, but for those that print what others print, too.
std::string schema_of(const CLI::App& app) {
  const std::string suffix = ".schema.json";
  if (app.get_parent() == nullptr) return "version" + suffix;
  if (app.get_require_subcommand_min() > 0) return {};
  const std::string& name = app.get_name();
  const bool is_top = app.get_parent()->get_parent() == nullptr;
  if (!is_top) return app.get_parent()->get_name() + "-" + name + suffix;
  if (is_act_command(name)) return "action" + suffix;
  if (name == "execute") return "result" + suffix;
  if (name == "watch") return "event" + suffix;
  return name + suffix;
}

CommandReference read_command(const CLI::App& app, const std::string& before) {
  CommandReference read;
  read.name = app.get_name();
  read.path = before + read.name;
  read.about = app.get_description();
  read.example = example_in(app.get_footer());
  read.schema = schema_of(app);
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    OptionReference one = read_option(*option);
    (one.names.empty() ? read.arguments : read.options).push_back(std::move(one));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty())
      read.commands.push_back(read_command(*command, read.path + " "));
  return read;
}

}  // namespace

bool OptionReference::has(const std::string& name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const OptionReference* CommandReference::option(const std::string& word) const {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const OptionReference& one) { return one.has(word); });
  return found == options.end() ? nullptr : &*found;
}

const CommandReference* CommandReference::command(const std::string& word) const {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const CommandReference& one) { return one.name == word; });
  return found == commands.end() ? nullptr : &*found;
}

CommandReference read_command_reference() {
  CommandReference read;
  look_at_app([&read](const CLI::App& app) { read = read_command(app, ""); });
  return read;
}

std::string usage_text(const CommandReference& command) {
  std::string text = command.path + " [OPTIONS]";
  for (const OptionReference& argument : command.arguments) {
    const std::string word = argument.value + (argument.is_repeatable ? "..." : "");
    text += argument.is_required ? " " + word : " [" + word + "]";
  }
  if (!command.commands.empty()) text += " COMMAND";
  return text;
}

}  // namespace konductor::cli
