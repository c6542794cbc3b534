// SPDX-License-Identifier: MIT
#pragma once

#include "e2e/scenario.hpp"
#include "support/spawn.hpp"

namespace e2e {

// A terminal that somebody sits at: the panes of a tmux server of its own, which is gone with the
// object, and whatever runs in it. One pane runs one program of the scenario.
class Terminal {
 public:
  // `more` is more of the programs' environment, "NAME=value".
  explicit Terminal(const Scenario& scenario, int columns = 100, int rows = 30,
                    const Words& more = {});
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  // Runs `konductor` with these arguments in a pane: the first call opens it, later ones open one
  // below. Returns the pane's number. When the program has ended the pane says "exit: N".
  int run(const Words& arguments);
  // Keys as tmux calls them: "C-c".
  void type(int pane, const std::string& keys) const;
  void resize(int columns, int rows) const;

  // What stands on the screen now; with what has scrolled away.
  [[nodiscard]] std::string screen(int pane = 0) const;
  [[nodiscard]] std::string scrolled(int pane = 0) const;
  // The screen's lines, without empty ones at its end.
  [[nodiscard]] Words lines(int pane = 0) const;
  // Waits until that stands there; tells what stands there instead when it does not.
  void require(const std::string& text, int pane = 0) const;
  void require(int pane, const std::function<bool(const std::string& screen)>& holds) const;

 private:
  konductor::test::RunResult tmux(const Words& arguments) const;
  const std::string& name(int pane) const { return panes_.at(static_cast<std::size_t>(pane)); }

  const Scenario& scenario_;
  konductor::test::TempDir sockets_;
  int columns_;
  int rows_;
  Words more_;
  Words panes_;  // Their names.
};

// The environment that programs of the scenario have, but for what a test sets in it.
Words program_environment(const Scenario& scenario, const Words& more = {});

}  // namespace e2e
