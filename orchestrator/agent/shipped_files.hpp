// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string_view>

// The role files, prompts and schemas that are part of the program.
namespace konductor::agent {

struct ShippedFile {
  std::string_view name;  // "executor", of prompts/executor.md or agents/konductor-executor.toml.
  std::string_view text;
};

std::span<const ShippedFile> shipped_roles();
std::span<const ShippedFile> shipped_prompts();
std::span<const ShippedFile> shipped_schemas();

// The text of prompts/<name>.md.
std::optional<std::string_view> shipped_prompt(std::string_view name);
// The text of agents/konductor-<name>.toml; `name` is a role's, such as "spec-reviewer".
std::optional<std::string_view> shipped_role(std::string_view name);
// The text of schemas/<name>.schema.json, of those that agents are given.
std::optional<std::string_view> shipped_schema(std::string_view name);

}  // namespace konductor::agent
