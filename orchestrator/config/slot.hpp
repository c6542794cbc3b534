// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace konductor::config {

struct IntegerSlot {
  int* value;
  int minimum;
};

// A number that is not negative.
struct AmountSlot {
  double* value;
};

struct SizeSlot {
  std::uint64_t* bytes;
  bool may_be_zero = false;
};

struct DurationSlot {
  std::chrono::milliseconds* value;
};

// Settings that are absent until some source speaks of them.
using OptionalFlagSlot = std::optional<bool>*;
using OptionalDurationSlot = std::optional<std::chrono::milliseconds>*;
using OptionalListSlot = std::optional<std::vector<std::string>>*;

struct ListSlot {
  std::vector<std::string>* value;
  // An argument vector: one string with blanks in it is refused, because no shell splits it.
  bool is_argv = false;
};

struct TableSlot {
  std::map<std::string, std::string>* value;
};

struct ChoiceSlot {
  std::vector<std::string_view> names;
  std::size_t current;
  std::function<void(std::size_t)> choose;
};

// The place in a settings struct that a key writes to. It points into the struct and lives no
// longer than it.
using Slot = std::variant<bool*, std::string*, IntegerSlot, AmountSlot, SizeSlot, DurationSlot,
                          OptionalFlagSlot, OptionalDurationSlot, OptionalListSlot, ListSlot,
                          TableSlot, ChoiceSlot>;

// A slot for an enum whose values are 0, 1, … in the order of `all` and that has a to_string.
template <class Enum>
Slot choice_slot(Enum& value, std::initializer_list<Enum> all) {
  ChoiceSlot slot;
  for (const Enum one : all)
    slot.names.push_back(to_string(one));
  slot.current = static_cast<std::size_t>(value);
  slot.choose = [&value](std::size_t index) { value = static_cast<Enum>(index); };
  return slot;
}

// "integer", "duration", "one of …": for people.
std::string slot_type(const Slot& slot);
// What the slot holds, as TOML; "" for an absent setting.
std::string slot_text(const Slot& slot);
// A TOML basic string: quoted and escaped.
std::string toml_string(std::string_view text);

// One key of a document: `section` is the table's dotted name, "" for the top.
struct SchemaKey {
  std::string section;
  std::string name;
  Slot slot;

  [[nodiscard]] std::string dotted() const { return section.empty() ? name : section + "." + name; }
};

using Schema = std::vector<SchemaKey>;

// How a settings struct lists its keys, once: for reading, for listing and for documentation.
template <class Settings>
struct Key {
  std::string_view section;
  std::string_view name;
  Slot (*slot)(Settings&);
  std::string_view description;
};

// Adds the keys of `keys` for the struct `settings`, which must outlive the schema. `section`
// stands before each key's own section.
template <class Settings, class Keys>
void add_keys(Schema& schema, const Keys& keys, const std::string& section, Settings& settings) {
  for (const Key<Settings>& key : keys) {
    std::string whole = section;
    if (!whole.empty() && !key.section.empty()) whole += '.';
    whole += key.section;
    schema.push_back(SchemaKey{std::move(whole), std::string(key.name), key.slot(settings)});
  }
}

}  // namespace konductor::config
