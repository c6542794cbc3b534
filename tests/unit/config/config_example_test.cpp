// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "config/config.hpp"

using namespace konductor;
using namespace konductor::config;

namespace {

const std::string kExamplePath = KONDUCTOR_SOURCE_DIR "/config.toml.example";

std::string read_example() {
  std::ifstream stream(kExamplePath, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Result<Config> load(const std::string& text) {
  ConfigSources sources;
  sources.project_file = ConfigFile{"config.toml.example", text};
  return load_config(sources);
}

// The example with its commented sections switched on.
std::string uncomment_sections(const std::string& text) {
  std::string out;
  bool is_in_section = false;
  for (const std::string_view line : split_lines(text)) {
    const bool is_section = line.rfind("# [", 0) == 0;
    is_in_section = is_in_section || is_section;
    const bool is_key = is_in_section && line.find(" = ") != std::string_view::npos &&
                        line.rfind("# ", 0) == 0 && line[2] >= 'a' && line[2] <= 'z';
    out += is_section || is_key ? line.substr(2) : line;
    out += '\n';
  }
  return out;
}

}  // namespace

TEST_CASE("the example file is what the program writes") {
  if (std::getenv("KONDUCTOR_ACCEPT") != nullptr) {
    std::ofstream(kExamplePath, std::ios::binary) << config_example();
    FAIL("the example was rewritten; run again without KONDUCTOR_ACCEPT");
  }
  CHECK(read_example() == config_example());
}

TEST_CASE("the example parses to the defaults") {
  const Result<Config> config = load(read_example());
  if (config.has_error()) FAIL(config.error().message);
  CHECK(config.value() == Config{});
}

TEST_CASE("the example lists every key") {
  const std::string text = read_example();
  for (const KeyInfo& key : list_keys()) {
    INFO(key.section << "." << key.name);
    CHECK_FALSE(key.description.empty());
    const bool is_optional = key.section.find('<') != std::string::npos;
    const std::string line =
        is_optional ? "\n# " + key.name + " = " : "\n" + key.name + " = " + key.default_text + "\n";
    CHECK(text.find(line) != std::string::npos);
    if (!is_optional) CHECK(text.find("\n[" + key.section + "]\n") != std::string::npos);
  }
}

TEST_CASE("the commented sections of the example are valid when switched on") {
  const std::string text = uncomment_sections(read_example());
  REQUIRE(text.find("\n[roles.code-reviewer]\n") != std::string::npos);
  REQUIRE(text.find("\n[runtimes.my-agent]\n") != std::string::npos);
  const Result<Config> config = load(text);
  if (config.has_error()) FAIL(config.error().message);
  CHECK(config.value().role(RoleName::code_reviewer).runtime.size() == 2);
  CHECK(config.value().runtimes.at("my-agent").command.front() == "my-agent");
}

TEST_CASE("every key can be listed with its value, and read back") {
  ConfigSources sources;
  sources.sets = {"roles.executor.model=m", "runtimes.claude.env.A=1",
                  "general.default_model=x\"y"};
  const Result<Config> config = load_config(sources);
  REQUIRE(config.has_value());
  ConfigSources again;
  bool lists_model = false;
  for (const KeyValue& value : list_values(config.value())) {
    again.sets.push_back(value.name + "=" + value.value);
    lists_model = lists_model || value.name == "roles.executor.model";
    CHECK(value.name.rfind("roles.assessor", 0) != 0);
    CHECK(value.name.rfind("runtimes.codex", 0) != 0);
  }
  CHECK(lists_model);
  const Result<Config> same = load_config(again);
  if (same.has_error()) FAIL(same.error().message);
  CHECK(same.value() == config.value());
}
