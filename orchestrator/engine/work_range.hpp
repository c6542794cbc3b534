// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/work_history.hpp"

namespace konductor::engine {

// Between which commits something was done.
struct WorkRange {
  std::string from;
  std::string to;
  friend bool operator==(const WorkRange&, const WorkRange&) = default;
};

// Pure. Errors (`invalid_input`) say why there is nothing to show: it has not begun, nothing of it
// has ended well yet, it was rolled back, or the journal never knew its commits.
Result<WorkRange> task_range(const WorkHistory& history, const TaskAddress& address,
                             const std::string& phase);
Result<WorkRange> plan_range(const WorkHistory& history, int plan, const std::string& phase);

}  // namespace konductor::engine
