// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "format.hpp"

namespace calculator {

// The command line is wrong; the message says how.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Options {
  int digits = kDigitsDefault;
  bool is_help = false;
  bool is_version = false;
  std::string expression;  // All words that are no option, joined by spaces; "" is none.
};

// Reads the words behind the program's name. `--` ends the options; a word such as "-2" or "-(3)"
// is part of the expression. Throws UsageError.
Options parse_options(const std::vector<std::string>& words);

}  // namespace calculator
