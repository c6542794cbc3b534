// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/frontmatter.hpp"
#include "plan/plan.hpp"
#include "plan/tasks.hpp"

namespace konductor::plan {

// Whether a file of a phase's plans/ is a plan: three or more digits, perhaps "-" and a name,
// ".md". Summaries and reviews, which stand beside the plans, are none.
bool is_plan_file_name(std::string_view name);

// The number that a plan file's name begins with; 0 when it is not such a name or too large.
int plan_file_number(std::string_view name);

// What checks across plans need of one plan, with positions, as far as it could be read.
struct PlanOutline {
  std::optional<Located<std::string>> phase;
  std::optional<Located<int>> number;
  std::optional<Located<int>> wave;
  std::vector<Located<int>> depends_on;
  std::vector<Located<std::string>> declared_files;  // `files_modified`, then the tasks' files.
};

struct LoadedPlan {
  std::string path;
  int file_number = 0;                  // From the file's name.
  std::optional<Plan> plan;             // Absent when the file has errors of its own.
  PlanOutline outline;                  // Filled even then.
  std::vector<Diagnostic> diagnostics;  // In the order of the file.
};

// Reads the text of the plan file `path` and finds all its faults at once. Never fails: what is
// wrong is in the diagnostics.
LoadedPlan load_plan(std::string path, std::string_view text);

}  // namespace konductor::plan
