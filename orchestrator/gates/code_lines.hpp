// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace konductor::gates {

struct CodeLine {
  int number = 1;
  std::string_view raw;  // Trimmed.
  std::string code;      // The same without comments, strings emptied; trimmed.
};

// The lines of a program that hold more than blanks and comments. Tells comments and strings of
// most languages apart by the file's extension; strings that span lines count as code, those of
// Python in three quotes as comments.
std::vector<CodeLine> code_lines(std::string_view text, std::string_view extension);

}  // namespace konductor::gates
