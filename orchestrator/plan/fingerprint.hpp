// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "plan/plan.hpp"

namespace konductor::plan {

// A fingerprint of what a task asks for: title, files, action, verify and done. Blanks, line breaks
// and the task's number and place do not change it, so it tells whether a person edited a task that
// is already complete.
std::string task_fingerprint(const Task& task);

}  // namespace konductor::plan
