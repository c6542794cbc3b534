// SPDX-License-Identifier: MIT
#pragma once

#include <git2.h>

#include <string>

namespace konductor::platform::git {

// Differs when what a repository ignores may have come to differ by files outside of its tree: its
// info/exclude, the file of core.excludesFile (or its default), or that setting. A look at a few
// files alone, not at what is in them. Files named .gitignore are not part of it.
std::string stamp_of_ignore_rules(git_repository* repository);

}  // namespace konductor::platform::git
