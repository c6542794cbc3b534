// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/result_json.hpp"
#include "engine/run_ledger.hpp"
#include "engine/run_state.hpp"

namespace konductor::cli {

// What the reports of `execute` are made of.
struct ReportFacts {
  const ResultDocument& document;
  const engine::RunState& state;  // What the plans hold, when nothing was started.
  engine::RunRecord run = {};     // What this run did; nothing when none was started.
  std::map<TaskAddress, std::string> summaries = {};  // What the executors handed in last.
};

// One line of a report: a task, a plan that cannot complete although its tasks do, or the holistic
// review.
struct ReportLine {
  enum class Outcome { passed, failed, skipped };
  TaskAddress address;
  std::string plan;  // "01/002"; of the holistic review "01".
  std::string name;  // "1 A greeting by name"
  int wave = 0;      // 0: of the phase.
  Outcome outcome = Outcome::skipped;
  std::string state;   // "completed", "blocked", "not_reached", …
  std::string reason;  // "" of what passed.
  engine::TaskInRun took;
};

// In the order of plans and tasks, the holistic review last. Tasks that were split are left out:
// their parts stand for them.
std::vector<ReportLine> report_lines(const ReportFacts& facts);

// JUnit XML as Jenkins and Surefire have it: a suite for each plan, a case for each task. What XML
// cannot hold becomes U+FFFD.
std::string junit_report(const ReportFacts& facts);

// Markdown as GitHub shows it.
std::string summary_report(const ReportFacts& facts);

}  // namespace konductor::cli
