// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan_loader.hpp"

namespace konductor::plan {

// Every fault of a phase: what loading each plan found, and what does not fit together (numbers,
// phase, dependencies, cycles, waves, files that two plans of one wave declare). Sorted by path,
// then position. `phase_directory` is the phase's directory, "01" or "01-auth-system"; of a path
// only the last part counts. The cost is linear in the number of plans, dependencies and files.
std::vector<Diagnostic> check_plans(std::string_view phase_directory,
                                    const std::vector<LoadedPlan>& plans);

// "path:line:column: error: text" and, on a second line, "  hint: …" when there is one. No line
// break at the end.
std::string format_diagnostic(const Diagnostic& diagnostic);

bool has_errors(const std::vector<Diagnostic>& diagnostics);

}  // namespace konductor::plan
