// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace konductor::plan {

// 1-based; columns count code points.
struct Position {
  int line = 1;
  int column = 1;
  friend bool operator==(const Position&, const Position&) = default;
};

enum class Severity { error, warning };

// What a finding is about. Its id and what it demands: rules.hpp.
enum class Rule {
  bad_toml,
  no_frontmatter,
  open_frontmatter,
  required_field,
  unknown_field,
  field_type,
  empty_path,
  absolute_path,
  path_outside,
  empty_must_haves,
  empty_field,
  phase_differs,
  duplicate_plan,
  plan_number,
  self_dependency,
  unknown_dependency,
  dependency_cycle,
  wave_order,
  late_wave,
  shared_file,
  unreadable_file,
  file_too_large,
  not_utf8,
  no_tasks,
  task_heading,
  stray_task,
  no_tasks_heading,
  duplicate_task,
  task_numbers,
  duplicate_field,
  no_action,
  no_verify_command,
  open_fence,
  unknown_type,
};

// One finding of the loader or the checker, for `path:line:column: error: text`.
struct Diagnostic {
  std::string path;
  Position position;
  Severity severity = Severity::error;
  Rule rule = Rule::bad_toml;
  std::string message;
  std::string hint;  // What to do about it; may be empty.
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// One `### Task N: title` of a plan with its four fields.
struct Task {
  int number = 0;
  std::string title;
  std::vector<std::string> files;  // As declared; a directory ends in "/".
  std::string action;              // Field texts are Markdown, indentation removed.
  std::string verify;
  std::string done;
  std::string text;  // The task's whole section as written, heading included.
  Position position;
  friend bool operator==(const Task&, const Task&) = default;
};

struct MustHaves {
  std::vector<std::string> truths;
  std::vector<std::string> artifacts;
  std::vector<std::string> key_links;
  friend bool operator==(const MustHaves&, const MustHaves&) = default;
};

enum class PlanType { execute, tdd };

// A plan file that was read without errors of its own.
struct Plan {
  std::string phase;  // As the frontmatter says: "01" or "01-auth-system".
  int number = 0;
  int wave = 0;
  std::string title;
  std::vector<int> depends_on;
  PlanType type = PlanType::execute;
  bool autonomous = true;
  std::vector<std::string> requirements;
  std::vector<std::string> files_modified;
  MustHaves must_haves;
  std::vector<Task> tasks;
  std::string path;  // For messages, as the user would type it.
  std::string text;  // The whole file.
};

}  // namespace konductor::plan
