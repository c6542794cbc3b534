// SPDX-License-Identifier: MIT
#include "cli/command_line_help.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace konductor::cli {
namespace {

struct Purpose {
  const char* title;
  std::vector<std::string> commands;
};

const std::array<Purpose, 4>& purposes() {
  static const std::array<Purpose, 4> all = {{
      {"Set up", {"init", "doctor", "agents", "conformance", "completions"}},
      {"Plan and run", {"plan", "execute", "watch"}},
      {"Look", {"status", "log", "show", "explain", "diff", "cost", "runs"}},
      {"Act", {"pause", "resume", "stop", "tell", "skip", "retry", "unblock", "rollback", "clean"}},
  }};
  return all;
}

// "Give a task a note: every attempt …" is "Give a task a note" where there is one line for it.
std::string first_clause(const std::string& about) {
  std::size_t end = about.size();
  for (const char* mark : {": ", "; ", ". "})
    end = std::min(end, about.find(mark));
  return about.substr(0, end);
}

class BriefFormatter : public CLI::Formatter {
 public:
  std::string make_subcommand(const CLI::App* command) const override {
    std::stringstream line;
    CLI::detail::format_help(line, command->get_display_name(),
                             first_clause(command->get_description()), kNameWidth);
    return line.str();
  }

  std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const override {
    if (app->get_parent() != nullptr) return CLI::Formatter::make_subcommands(app, mode);
    const std::vector<const CLI::App*> commands =
        app->get_subcommands([](const CLI::App*) { return true; });
    std::string text;
    for (const Purpose& purpose : purposes()) {
      text += std::string("\n") + purpose.title + ":\n";
      for (const std::string& name : purpose.commands)
        for (const CLI::App* command : commands)
          if (command->get_name() == name) text += make_subcommand(command);
    }
    return text;
  }

 private:
  static constexpr std::size_t kNameWidth = 16;
};

}  // namespace

void list_commands_briefly(CLI::App& app) {
  app.formatter(std::make_shared<BriefFormatter>());
}

}  // namespace konductor::cli
