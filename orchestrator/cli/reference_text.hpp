// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_reference.hpp"

// The program's help as documents.
namespace konductor::cli {

struct ManPage {
  std::string name;  // "konductor-plan-check"
  std::string text;  // For man(7).
};

// One for the program and one for each command, in their order.
std::vector<ManPage> man_pages(const CommandReference& program);

// All of them as one Markdown document.
std::string markdown_reference(const CommandReference& program);

// Text as roff prints it: no line is a request, and nothing in it is an escape.
std::string roff_text(std::string_view text);

}  // namespace konductor::cli
