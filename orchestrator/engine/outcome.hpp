// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/event.hpp"
#include "engine/request.hpp"
#include "engine/task_state.hpp"

// What performers report back: facts from outside, before anything is decided about them.
namespace konductor::engine {

// --- What an attempt handed in ---

struct SummaryReport {
  std::string status;                 // As status_reported has it.
  std::vector<std::string> concerns;  // Marked "[actionable] " or "[informational] ", or neither.
  std::string text;                   // Missing context or blocker.
  std::vector<std::string> files_needed = {};  // What it has to write and may not.
};
struct ReviewReport {
  bool is_pass = false;
  std::vector<Finding> findings;
};
struct ContextReport {
  std::string text;
};
struct AssessmentReport {
  enum class Decision { context, split, escalate };
  Decision decision = Decision::escalate;
  std::string context;
  std::vector<SubTask> tasks;  // Their numbers are given by whoever decides.
};
struct ConcernsReport {
  std::vector<std::string> actionable;
  std::vector<std::string> informational;
};
using AttemptReport = std::variant<std::monostate, SummaryReport, ReviewReport, ContextReport,
                                   AssessmentReport, ConcernsReport>;

struct AttemptEnded {
  event::attempt_finished finished;
  AttemptReport report;  // Set when the cause is "done".
  std::vector<std::string> notes;
  std::optional<event::quota_waiting> waiting;  // From now on attempts of its runtime are held.
  std::vector<event::conflict_predicted> predicted;
  std::optional<Error> fatal;  // No other attempt could do better: stop the run.
};

struct GatesChecked {
  TaskAddress address;
  std::vector<Finding> findings;  // None: passed.
  std::vector<std::string> undeclared;
  std::vector<std::string> untouched;
  std::vector<std::string> notes;
};

struct WorkspaceReady {
  int plan = 0;
  std::string base;
  std::string head;
  std::string directory = {};
};

// The markers of a task (or, with task 0, of a plan) are written.
struct Filed {
  TaskAddress address;
  std::vector<std::string> files;
};

struct PlanMerged {
  int plan = 0;
  std::vector<std::string> missing_artifacts;  // Not empty: nothing was merged.
  event::merge_finished merge;
  std::string misfit = {};  // Not empty: why its tree could not even be begun.
};

struct MergeFixDropped {
  int plan = 0;
};

// The gates were not checked to their end, because the run is being stopped.
struct GatesAbandoned {
  TaskAddress address;
};

// A signal, or a caller's wish to stop. No new dispatch from now on.
struct StopRequested {
  int signal = 0;
};

// The engine cannot go on: disk full, workspace unusable, an agent that cannot be started. With
// code `cancelled` after a StopRequested: the stop cut this off, and nothing is wrong.
struct EngineFailed {
  Error error;
  std::optional<TaskAddress> address;
};

// Something that a person should know now, from a performer that is still at work.
struct Noticed {
  TaskAddress address;
  std::string text;
};

// Another process asked for something; the same may be told again.
struct Requested {
  Request request;
};

// The run has lasted as long as it may.
struct TimeIsUp {
  double seconds = 0;  // Since it began.
};

// What a person at the terminal says to what a task asked; nothing: nobody answers.
struct PersonAnswered {
  TaskAddress address;
  std::optional<std::string> text;
};

using Outcome = std::variant<AttemptEnded, GatesChecked, GatesAbandoned, WorkspaceReady, Filed,
                             PlanMerged, MergeFixDropped, StopRequested, EngineFailed, Noticed,
                             Requested, TimeIsUp, PersonAnswered>;

}  // namespace konductor::engine
