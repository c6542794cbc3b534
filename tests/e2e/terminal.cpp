// SPDX-License-Identifier: MIT
#include "e2e/terminal.hpp"

#include <poll.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/text.hpp"

namespace e2e {
namespace {

std::string shell_word(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word)
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace

Words program_environment(const Scenario& scenario, const Words& more) {
  const char* path = std::getenv("PATH");
  Words variables = {"PATH=" + std::string(path == nullptr ? "/usr/bin:/bin" : path),
                     "HOME=" + scenario.home().string(), "LANG=C.UTF-8",
                     "FAKE_AGENT_DIR=" + scenario.agent_directory().string(),
                     "FAKE_AGENT_PROJECT=" + scenario.project().string()};
  variables.insert(variables.end(), more.begin(), more.end());
  return variables;
}

Terminal::Terminal(const Scenario& scenario, int columns, int rows, const Words& more)
    : scenario_(scenario), columns_(columns), rows_(rows), more_(more) {}

Terminal::~Terminal() {
  if (!panes_.empty()) tmux({"kill-server"});
}

konductor::test::RunResult Terminal::tmux(const Words& arguments) const {
  Words argv = {"tmux", "-u", "-f", "/dev/null", "-S", (sockets_.path() / "tmux").string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  konductor::test::RunOptions options;
  options.environment = {
      {"HOME", sockets_.path().string()}, {"LANG", "C.UTF-8"}, {"TERM", "xterm-256color"}};
  options.unset = {"TMUX", "LC_ALL"};
  options.directory = scenario_.project().string();
  return konductor::test::run_program(argv, options);
}

int Terminal::run(const Words& arguments) {
  // A signal from the keyboard is the program's, and not the end of the shell around it.
  std::string command = "trap : INT;";
  Words argv = {"env", "-i"};
  const Words variables = program_environment(scenario_, more_);
  argv.insert(argv.end(), variables.begin(), variables.end());
  argv.emplace_back(KONDUCTOR_BINARY_DIR "/konductor");
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  for (const std::string& word : argv)
    command += " " + shell_word(word);
  command += R"(; printf 'exit: %s\n' "$?"; exec sleep 600)";
  if (panes_.empty())
    argv = {"new-session",
            "-d",
            "-P",
            "-F",
            "#{pane_id}",
            "-x",
            std::to_string(columns_),
            "-y",
            std::to_string(rows_),
            "-c",
            scenario_.project(),
            command};
  else
    argv = {"split-window",      "-d",   "-v", "-P", "-F", "#{pane_id}", "-t", name(0), "-c",
            scenario_.project(), command};
  const auto ended = tmux(argv);
  INFO("tmux is needed, see scripts/install-deps.sh: " << ended.err);
  REQUIRE(ended.exit_code == 0);
  panes_.emplace_back(konductor::trim(ended.out));
  return static_cast<int>(panes_.size()) - 1;
}

void Terminal::type(int pane, const std::string& keys) const {
  REQUIRE(tmux({"send-keys", "-t", name(pane), keys}).exit_code == 0);
}

void Terminal::resize(int columns, int rows) const {
  REQUIRE(tmux({"resize-window", "-x", std::to_string(columns), "-y", std::to_string(rows)})
              .exit_code == 0);
}

std::string Terminal::screen(int pane) const {
  return tmux({"capture-pane", "-p", "-t", name(pane)}).out;
}

std::string Terminal::scrolled(int pane) const {
  return tmux({"capture-pane", "-p", "-J", "-S", "-", "-t", name(pane)}).out;
}

Words Terminal::lines(int pane) const {
  const std::string text = screen(pane);
  Words lines;
  for (const std::string_view line : konductor::split_lines(text))
    lines.emplace_back(line);
  while (!lines.empty() && lines.back().empty())
    lines.pop_back();
  return lines;
}

void Terminal::require(int pane,
                       const std::function<bool(const std::string& screen)>& holds) const {
  std::string seen;
  const bool is_there = wait_until([&] {
    seen = screen(pane);
    if (holds(seen)) return true;
    ::poll(nullptr, 0, 50);
    return false;
  });
  CAPTURE(seen);
  REQUIRE(is_there);
}

void Terminal::require(const std::string& text, int pane) const {
  CAPTURE(text);
  require(pane, [&](const std::string& seen) { return seen.find(text) != std::string::npos; });
}

}  // namespace e2e
