// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "driver/supervise.hpp"

namespace konductor::cli {

struct ProgramEnd {
  // "done" when it ended by itself, "timed_out" at its limit, "cancelled" when a person interrupted
  // it.
  std::string cause;
  int exit_code = -1;  // -1 when a signal ended it.
  double seconds = 0;
  std::string out;      // What it printed on stdout, at most a megabyte of it.
  int left_behind = 0;  // Processes of it that had to be ended.
  int signal = 0;       // The person's, with which this program should end.
};

// Runs a program to its end with nothing on stdin, and ends all that it has started. Its stderr
// goes to nobody. A SIGINT or SIGTERM of a person ends it politely. `directory` has room for the
// output. Error `environment` when it cannot be started.
Result<ProgramEnd> run_program(std::vector<std::string> argv, std::vector<std::string> environment,
                               const std::string& directory, driver::AttemptLimits limits);

}  // namespace konductor::cli
