// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/summary.hpp"
#include "base/result.hpp"

namespace konductor::agent {

// What an assessor decides about a blocker.
struct Assessment {
  enum class Decision { context, split, escalate };
  Decision decision = Decision::escalate;
  std::string context;         // For `context`: what the task gets to know. Never empty then.
  std::string tasks_markdown;  // For `split`: the `### Task N` sections. Never empty then.
  std::string text;            // The whole document, for those who must decide instead.
};

// Reads an assessor's document about a blocker. Error `invalid_input` when it is not UTF-8, does
// not hold exactly one known decision, or lacks what the decision needs.
Result<Assessment> parse_assessment(std::string_view text);

// Reads an assessor's document about concerns; every entry has its is_actionable. Error
// `invalid_input` when it is not UTF-8, holds no concern, or one without a mark.
Result<std::vector<Concern>> parse_concern_assessment(std::string_view text);

}  // namespace konductor::agent
