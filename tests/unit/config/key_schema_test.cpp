// SPDX-License-Identifier: MIT
#include "config/key_schema.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "agent/role.hpp"
#include "base/text.hpp"
#include "config/config.hpp"
#include "config/units.hpp"

using namespace konductor;          // NOLINT
using namespace konductor::config;  // NOLINT
using Json = nlohmann::ordered_json;

namespace {

// Holds a file below schemas/ to what the program makes; rewrites it when it is asked to.
void check_file(const std::string& name, const Json& schema) {
  const std::string path = KONDUCTOR_SOURCE_DIR "/schemas/" + name;
  const std::string text = schema.dump(2) + "\n";
  if (std::getenv("KONDUCTOR_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    FAIL("the schema was rewritten; run again without KONDUCTOR_ACCEPT");
  }
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream held;
  held << stream.rdbuf();
  CHECK(held.str() == text);
}

const Json& key_of(const Json& schema, std::string_view section, const std::string& name) {
  const Json* table = &schema;
  for (const std::string_view part : split(section, '.'))
    table = &table->at("properties").at(std::string(part));
  return table->at("properties").at(name);
}

bool fits(const Json& schema, const std::string& text) {
  return std::regex_search(text, std::regex(schema.at("pattern").get<std::string>()));
}

}  // namespace

TEST_CASE("the schema of the configuration is what the program writes") {
  check_file("config.schema.json", config_schema());
}

TEST_CASE("the schema of a role's file is what the program writes") {
  check_file("role.schema.json", agent::role_schema());
}

TEST_CASE("the schema of the configuration has every key, described, and no other") {
  const Json schema = config_schema();
  std::size_t count = 0;
  for (const KeyInfo& key : list_keys()) {
    CAPTURE(key.section, key.name);
    const Json& found = key.section == "roles.<role>"
                            ? schema.at("$defs").at("role").at("properties").at(key.name)
                        : key.section == "runtimes.<name>"
                            ? schema.at("$defs").at("runtime").at("properties").at(key.name)
                            : key_of(schema, key.section, key.name);
    CHECK(found.at("description") == key.description);
    ++count;
  }
  std::size_t listed = schema.at("$defs").at("role").at("properties").size() +
                       schema.at("$defs").at("runtime").at("properties").size();
  for (const auto& [name, section] : schema.at("properties").items()) {
    if (name == "roles" || name == "runtimes") continue;
    CHECK(section.at("additionalProperties") == false);
    for (const auto& [key, value] : section.at("properties").items())
      listed += value.contains("properties") ? value.at("properties").size() : 1;
  }
  CHECK(listed == count);
  for (const RoleName role : kAllRoles)
    CHECK(schema.at("properties")
              .at("roles")
              .at("properties")
              .contains(std::string(to_string(role))));
}

TEST_CASE("the schema says what a key holds when nobody sets it") {
  const Json schema = config_schema();
  const Config defaults;
  CHECK(key_of(schema, "execution", "max_wave_parallelism").at("default") ==
        defaults.execution.max_wave_parallelism);
  CHECK(key_of(schema, "execution", "max_wave_parallelism").at("minimum") == 1);
  CHECK(key_of(schema, "features", "code_review").at("default") == true);
  CHECK(key_of(schema, "git", "branching_strategy").at("default") == "none");
  const Json& choices = key_of(schema, "git", "branching_strategy").at("enum");
  CHECK(std::find(choices.begin(), choices.end(), "none") != choices.end());
  CHECK(key_of(schema, "gates", "verify_timeout").at("default") == "10m");
}

TEST_CASE("durations that the schema takes are durations") {
  Json schema = make_object_schema("t", "d");
  std::chrono::milliseconds value{0};
  add_key_schema(schema, "", "time", "", DurationSlot{&value}, false);
  const Json& time = schema.at("properties").at("time");
  for (const std::string text : {"90s", "30m", "2h", "1d", "500ms", "1h30m", " 5m "}) {
    CAPTURE(text);
    CHECK(fits(time, text));
    CHECK(parse_duration(text).has_value());
  }
  for (const std::string text : {"", "90", "s", "5 m", "1w", "-5s", "1.5h"}) {
    CAPTURE(text);
    CHECK_FALSE(fits(time, text));
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("sizes that the schema takes are sizes") {
  Json schema = make_object_schema("t", "d");
  std::uint64_t value = 0;
  add_key_schema(schema, "limits", "size", "", SizeSlot{&value}, false);
  const Json& forms = key_of(schema, "limits", "size").at("anyOf");
  CHECK(forms.at(1).at("minimum") == 1);
  for (const std::string text : {"64KiB", "1 MiB", "512", "3B", "2GiB"}) {
    CAPTURE(text);
    CHECK(fits(forms.at(0), text));
    CHECK(parse_size(text).has_value());
  }
  for (const std::string text : {"", "KiB", "1KB", "-1", "1.5MiB"}) {
    CAPTURE(text);
    CHECK_FALSE(fits(forms.at(0), text));
    CHECK_FALSE(parse_size(text).has_value());
  }
}
