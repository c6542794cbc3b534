// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "config/slot.hpp"

// JSON Schemas of TOML documents, made of the keys that the program reads them by: editors complete
// and check by them.
namespace konductor::config {

// A closed object, and what it is a schema of.
nlohmann::ordered_json make_object_schema(std::string_view title, std::string_view description);

// Adds what a key may hold to the closed object `schema`: `section` "a.b" is a table in a table.
// With `has_default` the schema says what the slot holds, if that is anything.
void add_key_schema(nlohmann::ordered_json& schema, std::string_view section, std::string_view name,
                    std::string_view description, const Slot& slot, bool has_default);

// All keys of a settings struct.
template <class Settings>
void add_key_schemas(nlohmann::ordered_json& schema, std::span<const Key<Settings>> keys,
                     bool has_defaults) {
  Settings settings;
  for (const Key<Settings>& key : keys)
    add_key_schema(schema, key.section, key.name, key.description, key.slot(settings),
                   has_defaults);
}

// That of config.toml.
nlohmann::ordered_json config_schema();

}  // namespace konductor::config
