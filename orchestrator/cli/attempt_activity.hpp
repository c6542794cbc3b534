// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "agent/agent_stream.hpp"
#include "engine/event.hpp"

namespace konductor::cli {

// What a running attempt does now, as far as its output tells: the newest tool call or words of an
// agent whose stream is understood, else the last line that it printed.
class AttemptActivity {
 public:
  // Null: nobody understands the stream.
  explicit AttemptActivity(std::unique_ptr<agent::AgentStream> stream);

  void feed(const engine::event::attempt_output& output);
  // One harmless line; "" when it has told nothing yet. Paths below `workspace`, a directory, are
  // told without it.
  [[nodiscard]] std::string text(const std::string& workspace) const;
  // What it has used so far, of agents that tell it.
  [[nodiscard]] engine::Usage spent() const;

 private:
  void add_lines(std::string_view text);

  std::unique_ptr<agent::AgentStream> stream_;
  std::string line_;  // Of what it prints: not yet ended, and no longer than a screen needs.
  std::string last_;
};

}  // namespace konductor::cli
