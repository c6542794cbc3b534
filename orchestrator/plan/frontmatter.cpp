// SPDX-License-Identifier: MIT
#include "plan/frontmatter.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "plan/numbers.hpp"

namespace konductor::plan {
namespace {

const std::vector<std::string> kFields = {
    "phase", "plan",       "wave",         "title",          "depends_on",
    "type",  "autonomous", "requirements", "files_modified", "must_haves"};
const std::vector<std::string> kMustHaves = {"truths", "artifacts", "key_links"};

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view kind_of(const toml::node& node) {
  if (node.is_string()) return "a string";
  if (node.is_integer()) return "an integer";
  if (node.is_floating_point()) return "a number with a fraction";
  if (node.is_boolean()) return "a boolean";
  if (node.is_array()) return "a list";
  if (node.is_table()) return "a table";
  return "a date or time";
}

// Reads one table of the frontmatter, field by field, and notes what is wrong.
class FieldReader {
 public:
  FieldReader(std::string_view path, int first_line, std::vector<Diagnostic>& diagnostics)
      : path_(path), first_line_(first_line), diagnostics_(diagnostics) {}

  [[nodiscard]] Position position_of(const toml::source_position& place) const {
    const int line = std::max(1, static_cast<int>(place.line));
    return {line + first_line_ - 1, std::max(1, static_cast<int>(place.column))};
  }

  void fail(Position position, Rule rule, std::string message, std::string hint) {
    diagnostics_.push_back(
        {std::string(path_), position, Severity::error, rule, std::move(message), std::move(hint)});
  }

  void fail_type(const toml::node& node, std::string_view name, std::string_view expected,
                 std::string hint) {
    fail(position_of(node.source().begin), Rule::field_type,
         quote(name) + " must be " + std::string(expected) + ", not " + std::string(kind_of(node)),
         std::move(hint));
  }

  std::optional<Located<std::string>> text(const toml::node& node, std::string_view name) {
    const Position position = position_of(node.source().begin);
    const auto* value = node.as_string();
    if (value == nullptr) {
      fail_type(node, name, "a string", "write it in double quotes");
      return std::nullopt;
    }
    if (trim(value->get()).empty()) {
      fail(position, Rule::empty_field, quote(name) + " is empty", "give it a value");
      return std::nullopt;
    }
    return Located<std::string>{value->get(), position};
  }

  std::optional<Located<int>> positive(const toml::node& node, std::string_view name) {
    const Position position = position_of(node.source().begin);
    const auto* value = node.as_integer();
    if (value == nullptr) {
      fail_type(node, name, "an integer", "write it as a number without quotes, such as 1");
      return std::nullopt;
    }
    if (value->get() < 1 || value->get() > kNumberMax) {
      fail(position, Rule::field_type,
           quote(name) + " must be from 1 to " + std::to_string(kNumberMax) + ", not " +
               std::to_string(value->get()),
           "count from 1");
      return std::nullopt;
    }
    return Located<int>{static_cast<int>(value->get()), position};
  }

  std::optional<bool> boolean(const toml::node& node, std::string_view name) {
    if (const auto* value = node.as_boolean()) return value->get();
    fail_type(node, name, "true or false", "write it without quotes");
    return std::nullopt;
  }

  std::vector<Located<std::string>> texts(const toml::node& node, std::string_view name) {
    std::vector<Located<std::string>> values;
    const auto* list = list_of(node, name, "a list of strings", "[\"…\", \"…\"]");
    if (list == nullptr) return values;
    for (const toml::node& element : *list) {
      if (const auto* value = element.as_string())
        values.push_back({value->get(), position_of(element.source().begin)});
      else
        fail_type(element, name, "a list of strings", "write each element in double quotes");
    }
    return values;
  }

  std::vector<Located<int>> numbers(const toml::node& node, std::string_view name) {
    std::vector<Located<int>> values;
    const auto* list = list_of(node, name, "a list of plan numbers", "[1, 2]");
    if (list == nullptr) return values;
    for (const toml::node& element : *list) {
      if (!element.is_integer()) {
        fail_type(element, name, "a list of plan numbers", "write each as a number, such as 1");
        continue;
      }
      if (const auto value = positive(element, name)) values.push_back(*value);
    }
    return values;
  }

 private:
  const toml::array* list_of(const toml::node& node, std::string_view name,
                             std::string_view expected, std::string_view sample) {
    const auto* list = node.as_array();
    if (list == nullptr) fail_type(node, name, expected, "write it as " + std::string(sample));
    return list;
  }

  std::string_view path_;
  int first_line_;
  std::vector<Diagnostic>& diagnostics_;
};

std::string field_list(const std::vector<std::string>& fields) {
  return "the fields are " + join(fields, ", ");
}

void fail_unknown_field(FieldReader& reader, const toml::key& key) {
  const std::string name(key.str());
  std::string hint = field_list(kFields);
  if (contains(kMustHaves, name))
    hint = quote(name) + " belongs below the line [must_haves]";
  else if (const std::string near = nearest(name, kFields); !near.empty())
    hint = "did you mean " + quote(near) + "?";
  reader.fail(reader.position_of(key.source().begin), Rule::unknown_field,
              "unknown field " + quote(name), hint);
}

void fail_unknown_must_have(FieldReader& reader, const toml::key& key) {
  const std::string name(key.str());
  std::string hint = "[must_haves] holds " + join(kMustHaves, ", ");
  if (contains(kFields, name))
    hint = "move " + quote(name) + " above the line [must_haves]";
  else if (const std::string near = nearest(name, kMustHaves); !near.empty())
    hint = "did you mean " + quote(near) + "?";
  reader.fail(reader.position_of(key.source().begin), Rule::unknown_field,
              "unknown field " + quote(name) + " in [must_haves]", hint);
}

void read_must_haves(FieldReader& reader, const toml::node& node, Frontmatter& fields) {
  fields.must_haves = reader.position_of(node.source().begin);
  const auto* table = node.as_table();
  if (table == nullptr) {
    reader.fail_type(node, "must_haves", "a table",
                     "write [must_haves] on a line of its own and its fields below");
    return;
  }
  for (const auto& [key, value] : *table) {
    if (key == "truths")
      fields.truths = reader.texts(value, "truths");
    else if (key == "artifacts")
      fields.artifacts = reader.texts(value, "artifacts");
    else if (key == "key_links")
      fields.key_links = reader.texts(value, "key_links");
    else
      fail_unknown_must_have(reader, key);
  }
}

void read_type(FieldReader& reader, const toml::node& node, Frontmatter& fields) {
  const auto text = reader.text(node, "type");
  if (!text) return;
  if (text->value == "execute" || text->value == "tdd") {
    fields.type = text->value == "tdd" ? PlanType::tdd : PlanType::execute;
    return;
  }
  const std::string near = nearest(text->value, {"execute", "tdd"});
  reader.fail(text->position, Rule::unknown_type, "unknown \"type\" " + quote(text->value),
              near.empty() ? "it is \"execute\" or \"tdd\"" : "did you mean " + quote(near) + "?");
}

void read_depends_on(FieldReader& reader, const toml::node& node, Frontmatter& fields) {
  auto numbers = reader.numbers(node, "depends_on");
  const auto by_value = [](const auto& a, const auto& b) { return a.value < b.value; };
  std::stable_sort(numbers.begin(), numbers.end(), by_value);
  const auto is_same = [](const auto& a, const auto& b) { return a.value == b.value; };
  numbers.erase(std::unique(numbers.begin(), numbers.end(), is_same), numbers.end());
  fields.depends_on = std::move(numbers);
}

void read_field(FieldReader& reader, const toml::key& key, const toml::node& value,
                Frontmatter& fields) {
  if (key == "phase")
    fields.phase = reader.text(value, "phase");
  else if (key == "plan")
    fields.number = reader.positive(value, "plan");
  else if (key == "wave")
    fields.wave = reader.positive(value, "wave");
  else if (key == "title")
    fields.title = reader.text(value, "title");
  else if (key == "depends_on")
    read_depends_on(reader, value, fields);
  else if (key == "type")
    read_type(reader, value, fields);
  else if (key == "autonomous")
    fields.autonomous = reader.boolean(value, "autonomous").value_or(true);
  else if (key == "requirements")
    fields.requirements = reader.texts(value, "requirements");
  else if (key == "files_modified")
    fields.files_modified = reader.texts(value, "files_modified");
  else if (key == "must_haves")
    read_must_haves(reader, value, fields);
  else
    fail_unknown_field(reader, key);
}

void fail_missing_fields(FieldReader& reader, const toml::table& table, Position position) {
  const std::pair<const char*, const char*> required[] = {
      {"phase", "phase = \"01\""},
      {"plan", "plan = 1"},
      {"wave", "wave = 1"},
      {"title", "title = \"…\""},
  };
  for (const auto& [name, sample] : required)
    if (!table.contains(name))
      reader.fail(position, Rule::required_field, "required field " + quote(name) + " is missing",
                  "add a line such as " + std::string(sample));
}

// toml++ names the faulty character of a string that ends with its line; people miss the quote.
std::string describe(const toml::parse_error& error) {
  std::string text(error.description());
  if (text.find("unescaped control characters other than TAB") != std::string::npos)
    return "a string is not closed on its line, or holds a control character";
  if (!text.empty()) text[0] = to_lower(text.substr(0, 1))[0];
  return to_valid_utf8(text);
}

}  // namespace

Frontmatter read_frontmatter(std::string_view toml, std::string_view path, int first_line,
                             std::vector<Diagnostic>& diagnostics) {
  Frontmatter fields;
  FieldReader reader(path, first_line, diagnostics);
  try {
    const toml::table table = toml::parse(toml);
    fields.is_toml = true;
    // Missing fields are told at the opening fence, the line before.
    fail_missing_fields(reader, table, {std::max(1, first_line - 1), 1});
    for (const auto& [key, value] : table)
      read_field(reader, key, value, fields);
  } catch (const toml::parse_error& error) {
    reader.fail(reader.position_of(error.source().begin), Rule::bad_toml,
                "bad TOML: " + describe(error),
                "correct the frontmatter; its values are TOML, texts stand in double quotes");
  }
  return fields;
}

}  // namespace konductor::plan
