// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "cli/output.hpp"

namespace konductor::cli {

// The shell command that output goes through: PAGER, else less when it is installed. "" when there
// is to be none: PAGER is empty or "cat".
std::string pager_command(const std::vector<std::string>& environment);

// What the pager is given: LESS and LV as git sets them where the user has not.
std::vector<std::string> pager_environment(std::vector<std::string> environment);

// Sends what the program prints on stdout through the user's pager, while it lives. Does nothing
// unless `around` is the program's own stdout and that is a terminal; when the pager cannot be
// started the output goes there as it would without one. Interrupts are the pager's meanwhile.
class Pager {
 public:
  explicit Pager(Surroundings& around);
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  // Waits until the user has seen enough.
  ~Pager();

 private:
  void start(const std::string& command, const std::vector<std::string>& environment);

  Surroundings& around_;
  pid_t pid_ = -1;
  int terminal_ = -1;  // Where stdout was.
};

}  // namespace konductor::cli
