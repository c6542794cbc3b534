// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/prompt_record.hpp"

namespace konductor::cli {

// One part of a prompt, and how much of it the prompt before it began with, too.
struct PartShare {
  std::string name;
  std::size_t bytes = 0;
  std::size_t shared = 0;
};

struct PromptShare {
  std::vector<PartShare> parts;
  std::size_t bytes = 0;
  std::size_t shared = 0;  // Of the longest prefix that both have.
};

// About how many tokens a text of that many bytes is.
std::size_t estimated_tokens(std::size_t bytes);

// In whole percent, rounded down, so that 100 is all of it; of nothing it is 0.
int percent_of(std::size_t part, std::size_t whole);

// Holds a prompt against the one before it, "" for none. Parts that do not add up to the prompt
// (its file was written by hand) are one part, "prompt".
PromptShare compare_prompts(std::string_view prompt, const std::vector<agent::PartSize>& parts,
                            std::string_view before);

// The table of parts for people.
std::string share_text(const PromptShare& share);
nlohmann::ordered_json parts_json(const PromptShare& share);

}  // namespace konductor::cli
