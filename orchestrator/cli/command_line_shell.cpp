// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/command_line_app.hpp"

namespace konductor::cli {

void add_shell_commands(CLI::App& app, CompletionsOptions& completions, const AddCommand& add) {
  add(app, "doctor",
      "See whether this machine and this project have what a run needs, and how to mend what they "
      "lack; starts no agent but to ask for its version",
      "  konductor doctor");
  CLI::App* command =
      add(app, "completions",
          "Print a script with which a shell completes commands, options, phases and addresses",
          "  source <(konductor completions bash)                          # in ~/.bashrc\n"
          "  source <(konductor completions zsh)                           # in ~/.zshrc\n"
          "  konductor completions fish > ~/.config/fish/completions/konductor.fish");
  command->add_option("SHELL", completions.shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
}

std::optional<Command> hidden_command(int argc, const char* const* argv) {
  if (argc < 3) return std::nullopt;
  const std::string_view name = argv[1];
  if (name == "__complete") return CompleteOptions{std::vector<std::string>(argv + 2, argv + argc)};
  if (name == "__documents" && argc == 3) return DocumentsOptions{argv[2]};
  return std::nullopt;
}

std::string command_line_version() {
  return CLI11_VERSION;
}

}  // namespace konductor::cli
