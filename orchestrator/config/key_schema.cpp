// SPDX-License-Identifier: MIT
#include "config/key_schema.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "config/config.hpp"
#include "config/config_keys.hpp"
#include "config/units.hpp"

namespace konductor::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDurationPattern = "^\\s*([0-9]+(d|h|m|s|ms))+\\s*$";
constexpr const char* kSizePattern = "^\\s*[0-9]+\\s*(B|KiB|MiB|GiB|TiB)?\\s*$";
constexpr const char* kDialect = "https://json-schema.org/draft/2020-12/schema";

Json string_list() {
  return {{"type", "array"}, {"items", {{"type", "string"}}}};
}

Json duration() {
  return {{"type", "string"}, {"pattern", kDurationPattern}};
}

// A list of one is written as that one, too; but arguments only when no shell would split them.
Json list_form(bool is_argv) {
  Json one = {{"type", "string"}};
  if (is_argv) one["pattern"] = "^[^ \\t\\n]*$";
  return {{"anyOf", Json::array({string_list(), std::move(one)})}};
}

Json form_of(const Slot& slot) {
  return std::visit(
      Overloaded{
          [](const bool*) -> Json {
            return {{"type", "boolean"}};
          },
          [](const std::string*) -> Json {
            return {{"type", "string"}};
          },
          [](const IntegerSlot& s) -> Json {
            return {{"type", "integer"}, {"minimum", s.minimum}};
          },
          [](const AmountSlot&) -> Json {
            return {{"type", "number"}, {"minimum", 0}};
          },
          [](const SizeSlot& s) -> Json {
            const Json text = {{"type", "string"}, {"pattern", kSizePattern}};
            const Json number = {{"type", "integer"}, {"minimum", s.may_be_zero ? 0 : 1}};
            return {{"anyOf", Json::array({text, number})}};
          },
          [](const DurationSlot&) { return duration(); },
          [](OptionalFlagSlot) -> Json {
            return {{"type", "boolean"}};
          },
          [](OptionalDurationSlot) { return duration(); },
          [](OptionalListSlot) { return list_form(false); },
          [](const ListSlot& s) { return list_form(s.is_argv); },
          [](const TableSlot&) -> Json {
            return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
          },
          [](const ChoiceSlot& s) -> Json {
            return {{"type", "string"}, {"enum", s.names}};
          },
      },
      slot);
}

// Null where nothing is set.
Json default_of(const Slot& slot) {
  return std::visit(Overloaded{
                        [](const bool* s) -> Json { return *s; },
                        [](const std::string* s) -> Json { return *s; },
                        [](const IntegerSlot& s) -> Json { return *s.value; },
                        [](const AmountSlot& s) -> Json { return *s.value; },
                        [](const SizeSlot& s) -> Json { return format_size(*s.bytes); },
                        [](const DurationSlot& s) -> Json { return format_duration(*s.value); },
                        [](const ListSlot& s) -> Json { return *s.value; },
                        [](const TableSlot& s) -> Json { return Json(*s.value); },
                        [](const ChoiceSlot& s) -> Json { return s.names.at(s.current); },
                        [](const auto*) -> Json { return nullptr; },
                    },
                    slot);
}

Json closed_object() {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
}

}  // namespace

Json make_object_schema(std::string_view title, std::string_view description) {
  Json schema = {{"$schema", kDialect}, {"title", title}, {"description", description}};
  schema.update(closed_object());
  return schema;
}

void add_key_schema(Json& schema, std::string_view section, std::string_view name,
                    std::string_view description, const Slot& slot, bool has_default) {
  Json* table = &schema;
  if (!section.empty()) {
    for (const std::string_view part : split(section, '.')) {
      Json& below = (*table)["properties"][std::string(part)];
      if (below.is_null()) below = closed_object();
      table = &below;
    }
  }
  Json key = {{"description", description}};
  key.update(form_of(slot));
  if (has_default) {
    if (Json held = default_of(slot); !held.is_null()) key["default"] = std::move(held);
  }
  (*table)["properties"][std::string(name)] = std::move(key);
}

Json config_schema() {
  Json schema = make_object_schema(
      "konductor configuration",
      "~/.config/konductor/config.toml and .konductor/config.toml; every key may be left out.");
  add_key_schemas(schema, config_keys(), true);
  Json role = closed_object();
  add_key_schemas(role, role_keys(), false);
  Json roles = closed_object();
  for (const RoleName one : kAllRoles)
    roles["properties"][std::string(to_string(one))] = {{"$ref", "#/$defs/role"}};
  Json runtime = closed_object();
  add_key_schemas(runtime, runtime_keys(), false);
  schema["properties"]["roles"] = std::move(roles);
  schema["properties"]["runtimes"] = {{"type", "object"},
                                      {"additionalProperties", {{"$ref", "#/$defs/runtime"}}}};
  schema["$defs"] = {{"role", std::move(role)}, {"runtime", std::move(runtime)}};
  return schema;
}

}  // namespace konductor::config
