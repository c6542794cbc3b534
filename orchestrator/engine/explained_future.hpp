// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "engine/explanation.hpp"

namespace konductor::engine {

// What the next run does, and what a person can do.
struct ExplainedFuture {
  std::vector<Cause> causes;
  std::vector<std::string> commands;
};

// Plays what a run does first (`recover`) and looks at what comes of the task, or of the plan.
ExplainedFuture future_of_task(const ExplanationFacts& facts, const TaskAddress& address);
ExplainedFuture future_of_plan(const ExplanationFacts& facts, int plan);

}  // namespace konductor::engine
