// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace konductor::plan {

// "### Task 3: Add login" is number 3, title "Add login".
struct TaskHeading {
  int number = 0;
  std::string title;
  friend bool operator==(const TaskHeading&, const TaskHeading&) = default;
};

// The words of a heading line without its marks: "## Tasks ##" is "Tasks".
std::string_view heading_text(std::string_view line);

// Whether heading words claim to be a task: they begin with "Task" in any case.
bool begins_with_task(std::string_view words);

// Reads "Task N", then ":", "-", "–", "—" and a title, or nothing. Anything else is no task
// heading.
std::optional<TaskHeading> parse_task_heading(std::string_view words);

}  // namespace konductor::plan
