// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// For each of `commits` whether it is one of `tips` or lies in their history. One walk for all of
// them, which goes back no further than to the oldest that it does not find. Where the times of
// commits are wrong by more than a day it may say no wrongly, never yes.
Result<std::vector<bool>> reached_from(git_repository* repository, const std::vector<git_oid>& tips,
                                       const std::vector<git_oid>& commits);

}  // namespace konductor::platform::git
