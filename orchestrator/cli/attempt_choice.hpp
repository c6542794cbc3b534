// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/task_story.hpp"

namespace konductor::cli {

// Which attempts a person means.
struct AttemptWish {
  std::string subject;              // For messages: "01/002/3".
  std::string phase;                // "01"
  std::optional<int> plan;          // Of one plan,
  std::optional<TaskAddress> task;  // or of one task.
  std::string role;                 // "" is any.
  std::optional<int> attempt;       // Its number; the executor's without a role.
};

// Those that are at work, when no number is given; else the newest one. `all` is oldest first.
// Errors (`invalid_input`) say what there is: no such role, nothing begun, no such attempt.
Result<std::vector<const AttemptStory*>> choose_attempts(const std::vector<AttemptStory>& all,
                                                         const AttemptWish& wish);

}  // namespace konductor::cli
