// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace konductor::replay {

// What stands on the command line of konductor-replay was wrong, or the take is missing.
inline constexpr int kExitUsage = 64;
// The cassette does not hold together, or the workspace could not be written.
inline constexpr int kExitFailed = 65;

// One call of konductor-replay, as values.
struct Invocation {
  std::vector<std::string> arguments;              // Without the program's name.
  std::map<std::string, std::string> environment;  // KONDUCTOR_* is what counts.
  std::filesystem::path workspace;
};

// Plays the take that arguments and environment name, and returns the exit status: the recorded
// one, or kExitUsage or kExitFailed with one line on `errors`.
int run(const Invocation& invocation, std::ostream& output, std::ostream& errors);

}  // namespace konductor::replay
