// SPDX-License-Identifier: MIT
#include "agent/prompt_record.hpp"

#include <nlohmann/json.hpp>

#include "agent/stream_event.hpp"

namespace konductor::agent {

std::string prompt_record(const std::vector<PromptPart>& parts) {
  nlohmann::ordered_json record;
  record["schema_version"] = 1;
  record["parts"] = nlohmann::ordered_json::array();
  for (const PromptPart& part : parts)
    record["parts"].push_back({{"name", part.name}, {"bytes", part.text.size()}});
  return record.dump(2) + "\n";
}

Result<std::vector<PartSize>> parse_prompt_record(std::string_view text) {
  const nlohmann::json record = nlohmann::json::parse(text, nullptr, false);
  const auto parts = record.is_object() ? record.find("parts") : record.end();
  if (parts == record.end() || !parts->is_array())
    return Error{ErrorCode::invalid_input, "it is no record of a prompt's parts"};
  std::vector<PartSize> sizes;
  for (const nlohmann::json& part : *parts) {
    if (!part.is_object()) continue;
    sizes.push_back({text_at(part, "name"), static_cast<std::size_t>(count_at(part, "bytes"))});
  }
  return sizes;
}

}  // namespace konductor::agent
