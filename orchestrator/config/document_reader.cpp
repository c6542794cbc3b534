// SPDX-License-Identifier: MIT
#include "config/document_reader.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "config/toml_value.hpp"

namespace konductor::config {
namespace {

// The value of `v = text`, or nothing when that is not exactly one TOML value.
std::optional<toml::table> parse_value(std::string_view text) {
  try {
    toml::table table = toml::parse("v = " + std::string(text) + "\n");
    if (table.size() != 1) return std::nullopt;
    return table;
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

bool is_list(const Slot& slot) {
  return std::holds_alternative<ListSlot>(slot) || std::holds_alternative<OptionalListSlot>(slot);
}

bool is_bare_text_welcome(const Slot& slot) {
  return std::holds_alternative<std::string*>(slot) || std::holds_alternative<SizeSlot>(slot) ||
         std::holds_alternative<DurationSlot>(slot) || std::holds_alternative<ChoiceSlot>(slot) ||
         is_list(slot) || std::holds_alternative<OptionalDurationSlot>(slot);
}

bool looks_like_toml(const Slot& slot, std::string_view text) {
  if (text.empty()) return false;
  if (is_list(slot) && text.front() == '[') return true;
  return text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
         text.front() == text.back();
}

std::string dotted_name(const std::string& section, const std::string& name) {
  return section.empty() ? name : section + "." + name;
}

// Where a problem stands in its file, so that they can be told in the order of the lines.
struct Located {
  toml::source_position position;
  std::string text;
};

class Walk {
 public:
  Walk(const std::string& path, const Schema& schema, ReadReport& report)
      : path_(path), schema_(schema), report_(report) {}

  void table(const toml::table& table, const std::string& section) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      const std::string dotted = dotted_name(section, name);
      if (const SchemaKey* found = find(section, name)) {
        note_origin(dotted, key.source().begin);
        if (Complaint complaint = assign_node(found->slot, node)) {
          report_.rejected.insert(dotted);
          problem(node.source().begin, quote(dotted) + " " + *complaint);
        }
      } else if (!is_section(dotted)) {
        problem(key.source().begin, unknown(section, name));
      } else if (const auto* below = node.as_table()) {
        note_origin(dotted, key.source().begin);
        this->table(*below, dotted);
      } else {
        problem(key.source().begin, quote(name) + " is a section: write [" + dotted + "]");
      }
    }
  }

  // Hands the problems over, first line first.
  void finish() {
    std::stable_sort(located_.begin(), located_.end(), [](const Located& a, const Located& b) {
      return std::tie(a.position.line, a.position.column) <
             std::tie(b.position.line, b.position.column);
    });
    for (const Located& one : located_)
      report_.problems.push_back(place(one.position) + ": " + one.text);
  }

 private:
  [[nodiscard]] std::string place(toml::source_position position) const {
    return path_ + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
  }

  void problem(toml::source_position position, std::string text) {
    located_.push_back(Located{position, std::move(text)});
  }

  void note_origin(const std::string& dotted, toml::source_position position) {
    report_.origins[dotted] = place(position);
  }

  [[nodiscard]] const SchemaKey* find(const std::string& section, const std::string& name) const {
    for (const SchemaKey& key : schema_)
      if (key.section == section && key.name == name) return &key;
    return nullptr;
  }

  [[nodiscard]] bool is_section(const std::string& dotted) const {
    return std::any_of(schema_.begin(), schema_.end(), [&](const SchemaKey& key) {
      return key.section == dotted || key.section.rfind(dotted + ".", 0) == 0;
    });
  }

  [[nodiscard]] std::string unknown(const std::string& section, const std::string& name) const {
    std::set<std::string> names;
    std::string other_section;
    for (const SchemaKey& key : schema_) {
      if (key.section == section) names.insert(key.name);
      const bool is_fixed = key.section.find('.') == std::string::npos;
      if (key.name == name && is_fixed && other_section.empty()) other_section = key.section;
      const std::string prefix = section.empty() ? "" : section + ".";
      if (key.section.size() > prefix.size() && key.section.rfind(prefix, 0) == 0)
        names.insert(key.section.substr(prefix.size(),
                                        key.section.find('.', prefix.size()) - prefix.size()));
    }
    std::string text = section.empty() ? "unknown section or key " : "unknown key ";
    text += quote(name);
    if (!section.empty()) text += " in [" + section + "]";
    const std::string hint = did_you_mean(name, {names.begin(), names.end()});
    if (!hint.empty()) return text + hint;
    if (!other_section.empty()) return text + "; it belongs in [" + other_section + "]";
    return text;
  }

  const std::string& path_;
  const Schema& schema_;
  ReadReport& report_;
  std::vector<Located> located_;
};

}  // namespace

struct TomlDocument::Content {
  std::string path;
  toml::table table;
};

TomlDocument::TomlDocument(std::unique_ptr<Content> content) : content_(std::move(content)) {}
TomlDocument::TomlDocument(TomlDocument&&) noexcept = default;
TomlDocument& TomlDocument::operator=(TomlDocument&&) noexcept = default;
TomlDocument::~TomlDocument() = default;

Result<TomlDocument> TomlDocument::parse(std::string path, std::string_view text) {
  try {
    auto content = std::make_unique<Content>();
    content->table = toml::parse(text);
    content->path = std::move(path);
    return TomlDocument(std::move(content));
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    std::string what = to_valid_utf8(error.description());
    // What comes of adding at the end what some page shows.
    if (what.find("redefine existing table") != std::string::npos)
      what += "; put these keys below the one that is there";
    return Error{ErrorCode::invalid_input, path + ":" + std::to_string(at.line) + ":" +
                                               std::to_string(at.column) +
                                               ": not valid TOML: " + what};
  }
}

std::vector<std::string> TomlDocument::tables_below(std::string_view section) const {
  std::vector<std::string> names;
  const auto* table = content_->table[section].as_table();
  if (table == nullptr) return names;
  for (const auto& [key, node] : *table)
    if (node.is_table()) names.emplace_back(key.str());
  return names;
}

void TomlDocument::read(const Schema& schema, ReadReport& report) const {
  Walk walk(content_->path, schema, report);
  walk.table(content_->table, "");
  walk.finish();
}

std::string ReadReport::origin(const std::string& dotted) const {
  const auto found = origins.find(dotted);
  return found == origins.end() ? "" : found->second;
}

std::string assign_text(const Slot& slot, std::string_view text) {
  const bool is_bare = is_bare_text_welcome(slot) && !looks_like_toml(slot, text);
  if (is_bare && !is_valid_utf8(text)) return "must be UTF-8 text";
  if (is_bare && text.empty() && is_list(slot))
    return assign_node(slot, toml::array()).value_or("");
  if (is_bare) return assign_node(slot, toml::value<std::string>(std::string(text))).value_or("");
  const auto table = parse_value(text);
  if (!table && is_list(slot)) return R"(must be a list such as ["a", "b"])";
  if (!table) return assign_node(slot, toml::value<std::string>(to_valid_utf8(text))).value_or("");
  return assign_node(slot, *table->get("v")).value_or("");
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string found = nearest(word, candidates);
  return found.empty() ? "" : "; did you mean " + quote(found) + "?";
}

}  // namespace konductor::config
