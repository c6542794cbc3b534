// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/init_files.hpp"

namespace konductor::cli {

// Shows a question; the line that a person types, nothing at the end of input.
using AskLine = std::function<std::optional<std::string>(const std::string& question)>;

// What `konductor init` cannot find out by looking, asked of a person. Enter takes the suggestion
// in brackets; the end of input takes it for all questions that are left. `has_example` says
// whether a first plan is to be written, and is asked only where it is false.
void ask_facts(ProjectFacts& facts, bool& has_example, const AskLine& ask);

}  // namespace konductor::cli
