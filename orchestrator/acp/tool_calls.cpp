// SPDX-License-Identifier: MIT
#include "acp/tool_calls.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::acp {
namespace {

constexpr std::size_t kPathsMax = 1000;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Agents write file_path, filePath, absolute_path, notebook_path, …
bool names_path(const std::string& key) {
  const std::string lower = to_lower(key);
  return ends_with(lower, "path") || lower == "source" || lower == "destination" ||
         lower == "file" || lower == "filename";
}

bool names_paths(const std::string& key) {
  const std::string lower = to_lower(key);
  return ends_with(lower, "paths") || lower == "files";
}

void add_path(ToolCall& call, const Json& path) {
  if (path.is_string() && call.paths.size() < kPathsMax) call.paths.insert(path.get<std::string>());
}

void add_input(ToolCall& call, const Json& input) {
  if (!input.is_object()) return;
  for (const auto& [key, value] : input.items()) {
    if (names_path(key)) add_path(call, value);
    if (!value.is_structured()) continue;
    // One change of many is an object, or stands under its path.
    const bool is_list = value.is_array();
    for (const auto& [inner_key, inner] : value.items()) {
      if (names_paths(key)) add_path(call, inner);
      if (is_list && inner.is_object()) {
        for (const auto& [name, member] : inner.items())
          if (names_path(name)) add_path(call, member);
      } else if (!is_list && key == "changes") {
        add_path(call, inner_key);
      }
    }
  }
}

}  // namespace

void describe(ToolCall& call, const Json& told) {
  if (const std::string id = text_at(told, "toolCallId"); !id.empty()) call.id = id;
  if (const std::string title = text_at(told, "title"); !title.empty()) call.title = title;
  if (const std::string kind = text_at(told, "kind"); !kind.empty()) call.kind = kind;
  for (const Json& location : list_at(told, "locations"))
    if (location.is_object() && location.contains("path")) add_path(call, location["path"]);
  add_input(call, object_at(told, "rawInput"));
  for (const Json& content : list_at(told, "content")) {
    if (text_at(content, "type") != "diff") continue;
    call.changes_files = true;
    if (content.contains("path")) add_path(call, content["path"]);
  }
}

void ToolCalls::on_update(const Json& update) {
  const std::string id = text_at(update, "toolCallId");
  if (id.empty()) return;
  const auto has_id = [&id](const ToolCall& call) { return call.id == id; };
  auto found = std::find_if(calls_.begin(), calls_.end(), has_id);
  if (found == calls_.end()) {
    if (calls_.size() >= kCallsMax) calls_.pop_front();
    found = calls_.emplace(calls_.end());
  }
  describe(*found, update);
}

ToolCall ToolCalls::asked_for(const Json& told) const {
  const std::string id = text_at(told, "toolCallId");
  const auto has_id = [&id](const ToolCall& call) { return call.id == id; };
  const auto found = std::find_if(calls_.begin(), calls_.end(), has_id);
  ToolCall call = found == calls_.end() || id.empty() ? ToolCall() : *found;
  describe(call, told);
  return call;
}

}  // namespace konductor::acp
