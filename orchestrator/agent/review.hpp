// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/event.hpp"

namespace konductor::agent {

// What a reviewer says.
struct Review {
  bool is_pass = false;
  std::vector<engine::Finding> findings;
  std::string text;  // The document as it may be filed.
};

// Reads a reviewer's document; `source_role` becomes the findings' source. A finding without a mark
// is significant; prose under `## Findings` is a finding only when the verdict is fail. Error
// `invalid_input` when it is not UTF-8 or does not hold exactly one verdict, pass or fail.
Result<Review> parse_review(std::string_view text, std::string_view source_role);

}  // namespace konductor::agent
