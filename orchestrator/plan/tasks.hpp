// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"

namespace konductor::plan {

// The tasks of a document and where its parts stand.
struct TaskSections {
  std::vector<Task> tasks;
  std::vector<Position> files_positions;  // Beside `tasks`: of the `files` item, else the heading.
  std::optional<Position> heading;        // Of "## Tasks".
};

// Reads `## Tasks` with its `### Task N: title` sections from the Markdown `text`, whose first line
// is line `first_line` of the file `path`. Appends an error for each malformed heading, unknown,
// repeated or missing field, number out of order and path that leaves the repository, and a warning
// for each `verify` that holds no command. A task with errors is in the result all the same, so
// look at the severities before using it.
TaskSections parse_task_sections(std::string_view text, std::string_view path, int first_line,
                                 std::vector<Diagnostic>& diagnostics);

// Reads sub-tasks: the same for a list of `### Task N` sections that is part of another document,
// such as the answer of the assessor that splits a task. It needs no "## Tasks" heading, and its
// numbers are not compared, since sub-tasks are given numbers of their own. Line breaks may be
// "\r\n".
std::vector<Task> parse_tasks(std::string_view markdown, std::vector<Diagnostic>& diagnostics,
                              std::string_view path = {}, int first_line = 1);

// "\r\n" and a lone "\r" become "\n", so that all positions and texts agree.
std::string with_unix_line_breaks(std::string_view text);

}  // namespace konductor::plan
