// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "engine/run_state.hpp"

// What a task may write when it holds a lease of files: what it declares, and what it was given
// when it asked for more.
namespace konductor::engine {

// Whether two declared paths have a file in common. One that ends in "/" is a directory with all
// that is in it.
bool is_overlapping(const std::string& left, const std::string& right);

struct LeaseAnswer {
  std::vector<std::string> granted;  // Shortest spellings.
  std::string text;                  // For the executor: what it may write now, and what not.
};

// The answer to what the task has asked for (`TaskRecord::files_needed`): everything inside of the
// repository that no other plan under way declares or was given, `.git` and `.konductor` apart.
// Empty when it asked for nothing.
LeaseAnswer answer_lease(const RunState& state, const TaskAddress& address);

}  // namespace konductor::engine
