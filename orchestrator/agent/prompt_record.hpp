// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/prompt.hpp"
#include "base/result.hpp"

// `prompt.json`, which stands beside an attempt's prompt.md: of what parts that was made.
namespace konductor::agent {

struct PartSize {
  std::string name;
  std::size_t bytes = 0;
  friend bool operator==(const PartSize&, const PartSize&) = default;
};

std::string prompt_record(const std::vector<PromptPart>& parts);

// Error `invalid_input` when the text is no such record.
Result<std::vector<PartSize>> parse_prompt_record(std::string_view text);

}  // namespace konductor::agent
