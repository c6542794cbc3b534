// SPDX-License-Identifier: MIT
// What is told of the keys: lists and the example file, both from the one table.
#include "base/text.hpp"
#include "config/config.hpp"
#include "config/config_keys.hpp"

namespace konductor::config {
namespace {

constexpr std::string_view kHeader =
    "#:schema ./schemas/config.schema.json\n"
    "# Configuration of konductor: every key with its default.\n"
    "#\n"
    "# Read from ~/.config/konductor/config.toml, then .konductor/config.toml, then the "
    "environment\n"
    "# (KONDUCTOR_<SECTION>_<KEY>, with \"-\" and \".\" as \"_\"), then --set section.key=value; "
    "the\n"
    "# later wins. Durations are \"500ms\", \"90s\", \"30m\", \"2h\"; sizes are bytes, \"64KiB\", "
    "\"1MiB\".\n"
    "#\n"
    "# The commands in this file and in plans are run: use only those you trust.\n";

constexpr std::string_view kRolesHeader =
    "# What single roles do otherwise. Roles: executor, spec-reviewer, code-reviewer, researcher,\n"
    "# assessor, discoverer, designer, planner, plan-checker, design-reviewer, verifier,\n"
    "# codebase-mapper.\n";

constexpr std::string_view kRuntimesHeader =
    "# More agents, or other settings for claude, codex, opencode, gemini and qwen, which are "
    "known.\n";

constexpr std::size_t kCommentWidth = 98;

// "# " and the text, broken at blanks.
std::string comment(std::string_view text) {
  std::string lines;
  std::string line = "#";
  for (const std::string_view word : split(text, ' ')) {
    if (line.size() + 1 + word.size() > kCommentWidth) {
      lines += line + "\n";
      line = "#";
    }
    line += " ";
    line += word;
  }
  return lines + line + "\n";
}

// An entry of a section that is itself commented out.
std::string commented_key(std::string_view name, std::string_view value,
                          std::string_view description) {
  return comment(description) + "# " + std::string(name) + " = " + std::string(value) + "\n";
}

std::string example_value(const KeyInfo& key) {
  if (key.name == "runtime") return R"(["claude", "codex"])";
  if (key.name == "timeout") return R"("30m")";
  if (key.name == "enabled") return "true";
  if (key.name == "deny_read") return R"(["~/.ssh", "private/"])";
  if (key.name == "command") return R"(["my-agent", "--prompt", "{prompt_file}"])";
  return key.default_text;
}

std::string commented_section(std::string_view section, std::string_view example_name,
                              const std::vector<KeyInfo>& keys) {
  std::string text = "#\n# [" + std::string(example_name) + "]\n";
  for (const KeyInfo& key : keys)
    if (key.section == section)
      text += commented_key(key.name, example_value(key), key.description);
  return text;
}

template <class Settings, class Keys>
void add_infos(std::vector<KeyInfo>& infos, const Keys& keys, const std::string& section,
               Settings settings) {
  for (const Key<Settings>& key : keys) {
    const Slot slot = key.slot(settings);
    infos.push_back(KeyInfo{section.empty() ? std::string(key.section) : section,
                            std::string(key.name), slot_type(slot), slot_text(slot),
                            std::string(key.description)});
  }
}

}  // namespace

std::vector<KeyInfo> list_keys() {
  std::vector<KeyInfo> infos;
  add_infos(infos, config_keys(), "", Config{});
  add_infos(infos, role_keys(), "roles.<role>", RoleSettings{});
  add_infos(infos, runtime_keys(), "runtimes.<name>", RuntimeSettings{});
  return infos;
}

std::vector<KeyValue> list_values(const Config& config) {
  Config copy = config;
  const Config defaults;
  std::vector<KeyValue> values;
  for (const SchemaKey& key : make_schema(copy)) {
    const std::vector<std::string_view> parts = split(key.section, '.');
    if (parts.front() == "roles") {
      const auto role = parse_role_name(parts.at(1));
      if (!role || config.role(*role) == RoleSettings{}) continue;
    }
    if (parts.front() == "runtimes") {
      const std::string name(parts.at(1));
      const auto known = defaults.runtimes.find(name);
      if (known != defaults.runtimes.end() && known->second == config.runtimes.at(name)) continue;
    }
    std::string text = slot_text(key.slot);
    if (!text.empty()) values.push_back(KeyValue{key.dotted(), std::move(text)});
  }
  return values;
}

std::string config_example() {
  const std::vector<KeyInfo> keys = list_keys();
  std::string text(kHeader);
  std::string section;
  for (const KeyInfo& key : keys) {
    if (key.section.find('<') != std::string::npos) continue;
    if (key.section != section) text += "\n[" + key.section + "]\n";
    section = key.section;
    text += comment(key.description) + key.name + " = " + key.default_text + "\n";
  }
  text += "\n";
  text += kRolesHeader;
  text += commented_section("roles.<role>", "roles.code-reviewer", keys);
  text += "\n";
  text += kRuntimesHeader;
  text += commented_section("runtimes.<name>", "runtimes.my-agent", keys);
  return text;
}

}  // namespace konductor::config
