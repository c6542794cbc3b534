// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace konductor::acp_client {

// The command line of konductor-acp.
struct Options {
  bool may_write = false;
  bool may_shell = false;
  bool offers_files = false;
  bool is_help = false;
  std::string model;
  std::string session;
  std::string whole_prompt;  // A file.
  std::vector<std::string> writable;
  std::chrono::milliseconds grace = std::chrono::seconds(5);  // For the answer to a cancel.
  std::vector<std::string> agent;                             // Program and arguments.
};

extern const char* const kHelp;

// Reads the words after the program's name. Error `invalid_input` says which one is wrong.
Result<Options> parse_options(const std::vector<std::string>& words);

}  // namespace konductor::acp_client
