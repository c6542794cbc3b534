// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace konductor::test {

// As much of JSON Schema as the files in schemas/ use.
class SchemaChecker {
 public:
  using json = nlohmann::json;

  // `name` is a file of schemas/.
  explicit SchemaChecker(const std::string& name)
      : schema_(json::parse(std::ifstream(KONDUCTOR_SOURCE_DIR "/schemas/" + name))) {}

  void check(const json& value) {
    check(schema_, value, "document");
    // Later versions may add fields; this one knows all of its own.
    for (const auto& [name, part] : value.items()) {
      INFO(name);
      CHECK(schema_["properties"].contains(name));
    }
  }

 private:
  void check(const json& schema, const json& value, const std::string& where) {
    CAPTURE(where, value.dump());
    if (schema.contains("$ref")) {
      const std::string name = schema["$ref"].get<std::string>().substr(8);
      return check(schema_.at("$defs").at(name), value, where);
    }
    if (schema.contains("const")) CHECK(value == schema["const"]);
    if (schema.contains("enum"))
      CHECK(std::find(schema["enum"].begin(), schema["enum"].end(), value) != schema["enum"].end());
    if (schema.contains("type")) CHECK(has_type(schema["type"], value));
    if (schema.contains("minimum") && value.is_number())
      CHECK(value.get<double>() >= schema["minimum"].get<double>());
    if (value.is_object()) check_object(schema, value, where);
    if (value.is_array() && schema.contains("items"))
      for (std::size_t i = 0; i < value.size(); ++i)
        check(schema["items"], value[i], where + "[" + std::to_string(i) + "]");
  }

  void check_object(const json& schema, const json& value, const std::string& where) {
    if (!schema.contains("properties")) return;
    for (const json& name : schema.value("required", json::array()))
      CHECK(value.contains(name.get<std::string>()));
    for (const auto& [name, part] : value.items()) {
      if (schema["properties"].contains(name))
        check(schema["properties"][name], part, where + "." + name);
      else
        CHECK(schema.value("additionalProperties", true));
    }
  }

  static bool has_type(const json& type, const json& value) {
    if (type.is_array())
      return std::any_of(type.begin(), type.end(),
                         [&](const json& one) { return has_type(one, value); });
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    if (type == "null") return value.is_null();
    return type == "object" && value.is_object();
  }

  json schema_;
};

}  // namespace konductor::test
