// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::test {

// As much of JSON Schema as the files in schemas/ use; a keyword that it does not know is an error,
// so that nothing passes because nobody looked. It is stricter in one thing: later versions may add
// fields, but this one knows all of its own, so a field that its schema does not name is an error.
class SchemaChecker {
 public:
  using json = nlohmann::json;

  // `name` is a file of schemas/.
  explicit SchemaChecker(const std::string& name)
      : schema_(json::parse(std::ifstream(KONDUCTOR_SOURCE_DIR "/schemas/" + name))) {}

  void check(const json& value) const {
    const std::vector<std::string> found = errors(value);
    INFO(value.dump(2));
    CHECK(found == std::vector<std::string>{});
  }

  // What is wrong with it, each with where that is.
  [[nodiscard]] std::vector<std::string> errors(const json& value) const {
    Errors found;
    look(schema_, value, "document", Level::whole, found);
    return found;
  }

 private:
  using Errors = std::vector<std::string>;
  // A part says something of an object whose other fields stand elsewhere in its schema.
  enum class Level { whole, part };

  void look(const json& schema, const json& value, const std::string& where, Level level,
            Errors& found) const {
    const auto fault = [&](const std::string& text) {
      found.push_back(where + ": " + text + ": " + value.dump().substr(0, 200));
    };
    if (schema.is_boolean()) {
      if (!schema.get<bool>()) fault("nothing may stand here");
      return;
    }
    look_at_keywords(schema, where, found);
    if (schema.contains("$ref")) look(referred(schema), value, where, Level::part, found);
    if (schema.contains("const") && value != schema["const"])
      fault("is not " + schema["const"].dump());
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      fault("is none of " + schema["enum"].dump());
    if (schema.contains("type") && !has_type(schema["type"], value))
      fault("is no " + schema["type"].dump());
    if (value.is_number()) {
      const auto number = value.get<double>();
      if (number < schema.value("minimum", number)) fault("is too small");
      if (number > schema.value("maximum", number)) fault("is too large");
    }
    if (value.is_string()) {
      const auto text = value.get<std::string>();
      if (text.size() < schema.value("minLength", std::size_t{0})) fault("is too short");
      if (schema.contains("pattern") &&
          !std::regex_search(text, std::regex(schema["pattern"].get<std::string>())))
        fault("does not match " + schema["pattern"].dump());
    }
    if (schema.contains("oneOf") && fitting(schema["oneOf"], value).size() != 1)
      fault("fits " + std::to_string(fitting(schema["oneOf"], value).size()) + " of oneOf");
    if (schema.contains("anyOf") && fitting(schema["anyOf"], value).empty())
      fault("fits none of anyOf");
    if (value.is_object()) look_into_object(schema, value, where, level, found);
    if (value.is_array() && schema.contains("items"))
      for (std::size_t i = 0; i < value.size(); ++i)
        look(schema["items"], value[i], where + "[" + std::to_string(i) + "]", Level::whole, found);
  }

  void look_into_object(const json& schema, const json& value, const std::string& where,
                        Level level, Errors& found) const {
    for (const json& name : schema.value("required", json::array()))
      if (!value.contains(name.get<std::string>()))
        found.push_back(where + ": lacks " + name.dump() + ": " + value.dump().substr(0, 200));
    const json own = schema.value("properties", json::object());
    const json rest = schema.value("additionalProperties", json());
    const std::set<std::string> known = names(schema, value);
    const bool is_told = level == Level::whole && !known.empty() && rest.is_null();
    for (const auto& [name, field] : value.items()) {
      const std::string at = where + "." + name;
      if (own.contains(name))
        look(own[name], field, at, Level::whole, found);
      else if (!rest.is_null())
        look(rest, field, at, Level::whole, found);
      else if (is_told && known.count(name) == 0)
        found.push_back(at + ": is not in the schema");
    }
  }

  // Of all fields that the schema speaks of for this value.
  std::set<std::string> names(const json& schema, const json& value) const {
    std::set<std::string> known;
    const auto add = [&](const json& part) {
      for (const std::string& name : names(part, value))
        known.insert(name);
    };
    const json own = schema.value("properties", json::object());
    for (const auto& [name, part] : own.items())
      known.insert(name);
    if (schema.contains("$ref")) add(referred(schema));
    for (const char* way : {"oneOf", "anyOf"})
      for (const json& part : fitting(schema.value(way, json::array()), value))
        add(part);
    return known;
  }

  std::vector<json> fitting(const json& parts, const json& value) const {
    std::vector<json> fit;
    for (const json& part : parts) {
      Errors found;
      look(part, value, "", Level::part, found);
      if (found.empty()) fit.push_back(part);
    }
    return fit;
  }

  const json& referred(const json& schema) const {
    return schema_.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  }

  static void look_at_keywords(const json& schema, const std::string& where, Errors& found) {
    constexpr std::array<std::string_view, 20> kKnown = {
        "$schema",    "$defs",     "$ref",    "title",    "description",
        "default",    "const",     "enum",    "type",     "minimum",
        "maximum",    "minLength", "pattern", "items",    "oneOf",
        "properties", "required",  "anyOf",   "examples", "additionalProperties"};
    for (const auto& [keyword, part] : schema.items())
      if (keyword != "unevaluatedProperties" &&
          std::find(kKnown.begin(), kKnown.end(), keyword) == kKnown.end())
        found.push_back(where + ": this checker does not know the keyword " + keyword);
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
