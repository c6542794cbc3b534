// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "cli/live_report.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "driver/execute.hpp"

namespace konductor::cli {

// True when nobody sits there to answer: `--ci`, or CI=true without `--no-ci`.
bool is_ci(const ExecuteOptions& options, const std::vector<std::string>& environment);

// How `execute` tells of its run.
enum class ReportKind { none, plain, live, ci };
ReportKind choose_report(const ExecuteOptions& options, const CommonOptions& common,
                         const Surroundings& around);

// True when a terminal can be drawn on.
bool is_drawable(const std::vector<std::string>& environment);

// The report of that kind, on stderr; null for `none`. The facts outlive it.
std::unique_ptr<RunReport> make_execute_report(ReportKind kind, const driver::RunFacts& facts,
                                               engine::TaskDurations durations, bool is_verbose,
                                               Surroundings& around, const LiveTerminal& terminal);

// What plan files are told for besides: as annotations, where the log's system has them.
void print_annotations(std::ostream& stream, const std::vector<std::string>& environment,
                       const std::filesystem::path& root,
                       const std::vector<plan::Diagnostic>& diagnostics);

}  // namespace konductor::cli
