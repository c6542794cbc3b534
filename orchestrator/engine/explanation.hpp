// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/recovery.hpp"
#include "engine/run_state.hpp"

namespace konductor::engine {

// What a cause can be checked against.
struct Evidence {
  // "event" of the journal, "document" that an attempt handed in, "marker" file, "plan" file,
  // "finding" of a gate or review, or the "engine" that runs now.
  std::string kind;
  std::string name;  // "gate_checked", "002-task-3-executor-1", "002-task-3-summary.md", "spec".
  std::string text;  // What it says.
  std::int64_t time = 0;  // Milliseconds since 1970; 0 when it has none.
  std::string run;        // "" when it belongs to none.
};

// One reason, as a sentence without a full stop.
struct Cause {
  std::string name;  // "gates_failed": for programs and tests.
  std::string text;
  std::vector<Evidence> evidence;
};

// Why something of a phase is as it is.
struct Explanation {
  std::string subject;  // "01/002/3"
  std::string title;
  std::string state;          // As `status_name` has it, or "gone" when no plan names it any more.
  std::string answer;         // One sentence, with a full stop.
  std::vector<Cause> ran;     // Why each attempt was started, oldest first.
  std::vector<Cause> stands;  // Why it is where it is: complete, skipped, not complete.
  std::vector<Cause> next;    // What the next run does with it, and why.
  std::vector<std::string> commands;  // That a person can use now.
};

// All that an explanation follows from.
struct ExplanationFacts {
  std::string phase;  // "01"
  const RunState& state;
  const MarkersOnDisk& markers;
  const std::vector<Event>& events;  // Of the phase, oldest first.
  bool is_engine_alive = false;
  int circuit_breaker = 3;  // Blocked tasks at which dispatch stops.
};

// Pure. A task that the journal and the plans do not know is "gone" without a cause.
Explanation explain_task(const ExplanationFacts& facts, const TaskAddress& address);
Explanation explain_plan(const ExplanationFacts& facts, int plan);

// Why each attempt at a task (of a plan with task 0: at its merge) was started.
std::vector<Cause> explain_attempts(const ExplanationFacts& facts, const TaskAddress& address);

// The event as evidence: what it says in a few words.
Evidence evidence_of(const Event& event);

}  // namespace konductor::engine
