// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "plan/markdown.hpp"
#include "plan/plan.hpp"

namespace konductor::plan {

// Appends an error for each code fence that is never closed and so hides headings or fields that
// were meant to be read. `root` is the tree of `text`, whose first line is line `first_line` of
// the file `path`.
void check_fences(MarkdownNode root, std::string_view text, std::string_view path, int first_line,
                  std::vector<Diagnostic>& diagnostics);

}  // namespace konductor::plan
