// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/git_handles.hpp"

namespace konductor::platform::git {

// Which commit an attempt's work goes on top of, and what else it left.
struct AttemptTip {
  git_oid parent{};             // The attempt's own last commit, or the head it began from.
  std::vector<git_oid> others;  // Commits that `parent` does not reach.
};

// `head`: where the attempt began. `branch`: where its branch is now. `checked_out`: what its HEAD
// says, "ref: …" or an id; anything else is nothing. An attempt may have moved to another branch,
// detached HEAD, or put its branch back.
Result<AttemptTip> find_attempt_tip(git_repository* repository, const git_oid& head,
                                    const std::optional<git_oid>& branch,
                                    const std::string& checked_out);

}  // namespace konductor::platform::git
