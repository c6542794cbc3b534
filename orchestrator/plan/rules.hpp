// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "plan/plan.hpp"

namespace konductor::plan {

// How a rule is known outside, in SARIF logs: an id never changes its meaning.
struct RuleText {
  Rule rule;
  std::string_view id;
  std::string_view about;  // What it demands, a sentence.
};

// Valid as long as the program.
const RuleText& text_of(Rule rule);

}  // namespace konductor::plan
