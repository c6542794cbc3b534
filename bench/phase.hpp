// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace bench {

// A project with one phase of independent plans, whose agent is `bench_agent`.
struct PhaseShape {
  int plans = 1;
  int tasks = 1;     // Of each plan.
  int parallel = 4;  // Plans at once.
  bool is_reviewed = true;
  bool is_gated = false;  // Gates on; the tasks have no verify commands.
  bool is_in_git = false;
  int sleep_seconds = 0;  // Of each attempt.
};

// Writes the project to `directory`, which it makes anew. Throws on failure.
void make_phase(const std::filesystem::path& directory, const PhaseShape& shape);

// The marker files that the first `plans` plans of a phase leave behind when they are finished,
// each with `tasks` tasks: executing them for the benchmark would take the longest.
void make_markers(const std::filesystem::path& project, int plans, int tasks);

// The folder that holds the plan files of a phase made so.
std::filesystem::path plans_of(const std::filesystem::path& directory);

}  // namespace bench
