// SPDX-License-Identifier: MIT
#include "cli/prompt_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/text_table.hpp"

namespace konductor::cli {
namespace {

constexpr std::size_t kBytesPerToken = 4;

std::string right_aligned(std::size_t number, std::size_t width) {
  const std::string text = std::to_string(number);
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace

std::size_t estimated_tokens(std::size_t bytes) {
  return (bytes + kBytesPerToken - 1) / kBytesPerToken;
}

int percent_of(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<int>(part * 100 / whole);
}

PromptShare compare_prompts(std::string_view prompt, const std::vector<agent::PartSize>& parts,
                            std::string_view before) {
  PromptShare share;
  share.bytes = prompt.size();
  const std::size_t both = std::min(prompt.size(), before.size());
  const auto differs =
      std::mismatch(prompt.begin(), prompt.begin() + static_cast<long>(both), before.begin());
  share.shared = static_cast<std::size_t>(differs.first - prompt.begin());
  std::size_t begin = 0;
  for (const agent::PartSize& part : parts) {
    const std::size_t shared = share.shared > begin ? share.shared - begin : 0;
    share.parts.push_back({part.name, part.bytes, std::min(shared, part.bytes)});
    begin += part.bytes;
  }
  if (begin != prompt.size()) share.parts = {{"prompt", prompt.size(), share.shared}};
  return share;
}

std::string share_text(const PromptShare& share) {
  const std::size_t width = std::max<std::size_t>(6, std::to_string(share.bytes).size());
  TextTable table;
  table.add({"part", std::string(width - 5, ' ') + "bytes", std::string(width - 6, ' ') + "tokens",
             "shared"});
  for (const PartShare& part : share.parts)
    table.add({part.name, right_aligned(part.bytes, width),
               right_aligned(estimated_tokens(part.bytes), width),
               std::to_string(percent_of(part.shared, part.bytes)) + " %"});
  table.add({"all", right_aligned(share.bytes, width),
             right_aligned(estimated_tokens(share.bytes), width),
             std::to_string(percent_of(share.shared, share.bytes)) + " %"});
  std::string text;
  for (const std::string& line : table.lines("  "))
    text += line + "\n";
  return text;
}

nlohmann::ordered_json parts_json(const PromptShare& share) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const PartShare& part : share.parts)
    list.push_back({{"name", part.name},
                    {"bytes", part.bytes},
                    {"tokens", estimated_tokens(part.bytes)},
                    {"shared_bytes", part.shared}});
  return list;
}

}  // namespace konductor::cli
