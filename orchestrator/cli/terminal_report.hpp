// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <ostream>
#include <string>

#include "cli/output.hpp"
#include "ports/run_observer.hpp"

namespace konductor::cli {

// Tells a person what happens, a line for each thing worth knowing, with the time since the start.
class TerminalReport final : public ports::RunObserver {
 public:
  TerminalReport(std::ostream& stream, Paint paint, std::string phase, bool is_verbose);
  void on_event(const engine::Event& event) override;
  // The time from which lines count; without it that of the first.
  void begin(std::int64_t time) { began_ = time; }
  // A line that is no event's.
  void say(std::int64_t time, const std::string& text);
  // While it is held, what it has to say waits: somebody is being asked something.
  void hold(bool is_held);

 private:
  void line(const engine::Event& event, const std::string& text);
  std::string task_name(int plan, int task) const;
  void on_attempt_started(const engine::Event& event, const engine::event::attempt_started& e);
  void on_attempt_finished(const engine::Event& event, const engine::event::attempt_finished& e);
  void on_findings(const engine::Event& event, const std::vector<engine::Finding>& findings);

  std::ostream& stream_;
  Paint paint_;
  std::string phase_;
  bool is_verbose_;
  std::int64_t began_ = 0;
  std::string held_;  // What waits.
  bool is_held_ = false;
};

}  // namespace konductor::cli
