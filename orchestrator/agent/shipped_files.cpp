// SPDX-License-Identifier: MIT
#include "agent/shipped_files.hpp"

namespace konductor::agent {
namespace {

std::optional<std::string_view> find(std::span<const ShippedFile> files, std::string_view name) {
  for (const ShippedFile& file : files)
    if (file.name == name) return file.text;
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> shipped_prompt(std::string_view name) {
  return find(shipped_prompts(), name);
}

std::optional<std::string_view> shipped_role(std::string_view name) {
  return find(shipped_roles(), name);
}

std::optional<std::string_view> shipped_schema(std::string_view name) {
  return find(shipped_schemas(), name);
}

}  // namespace konductor::agent
