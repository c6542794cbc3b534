// SPDX-License-Identifier: MIT
#include "config/toml_value.hpp"

#include <cmath>
#include <limits>

#include "base/text.hpp"
#include "config/units.hpp"

namespace konductor::config {
namespace {

constexpr std::string_view kDurationForm = R"(must be a duration such as "90s", "30m" or "2h")";
constexpr std::string_view kSizeForm =
    R"(must be a size: bytes, or text such as "64KiB" or "1GiB")";

std::string value_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return toml_string(text->get());
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (node.is_array()) return "a list";
  if (node.is_table()) return "a table";
  if (node.is_floating_point()) return "a fraction";
  return "a date or time";
}

std::string but_is(std::string_view wanted, const toml::node& node) {
  return std::string(wanted) + ", not " + value_text(node);
}

// No program's arguments and no path can hold a NUL.
Complaint check_text(const std::string& text) {
  if (text.find('\0') == std::string::npos) return std::nullopt;
  return "must not hold a NUL character";
}

Complaint assign(bool* value, const toml::node& node) {
  const auto* flag = node.as_boolean();
  if (flag == nullptr) return but_is("must be true or false", node);
  *value = flag->get();
  return std::nullopt;
}

Complaint assign(std::string* value, const toml::node& node) {
  const auto* text = node.as_string();
  if (text == nullptr) return but_is("must be a string", node);
  *value = text->get();
  return check_text(*value);
}

Complaint assign(const IntegerSlot& slot, const toml::node& node) {
  const auto* number = node.as_integer();
  if (number == nullptr || number->get() < slot.minimum ||
      number->get() > std::numeric_limits<int>::max())
    return but_is("must be an integer of at least " + std::to_string(slot.minimum), node);
  *slot.value = static_cast<int>(number->get());
  return std::nullopt;
}

Complaint assign(const AmountSlot& slot, const toml::node& node) {
  const std::optional<double> number = node.value<double>();
  if (!number || !node.is_number() || !std::isfinite(*number) || *number < 0)
    return but_is("must be a number that is not negative", node);
  *slot.value = *number;
  return std::nullopt;
}

Complaint assign(const SizeSlot& slot, const toml::node& node) {
  std::optional<std::uint64_t> bytes;
  if (const auto* number = node.as_integer(); number != nullptr && number->get() >= 0)
    bytes = static_cast<std::uint64_t>(number->get());
  if (const auto* text = node.as_string()) bytes = parse_size(text->get());
  if (!bytes) return but_is(kSizeForm, node);
  if (*bytes == 0 && !slot.may_be_zero) return "must be at least one byte";
  *slot.bytes = *bytes;
  return std::nullopt;
}

Complaint assign(const DurationSlot& slot, const toml::node& node) {
  const auto* text = node.as_string();
  const auto duration = text == nullptr ? std::nullopt : parse_duration(text->get());
  if (!duration) return but_is(kDurationForm, node);
  *slot.value = *duration;
  return std::nullopt;
}

Complaint assign(OptionalFlagSlot slot, const toml::node& node) {
  return assign(&slot->emplace(), node);
}

Complaint assign(OptionalDurationSlot slot, const toml::node& node) {
  return assign(DurationSlot{&slot->emplace()}, node);
}

Complaint assign_single(const ListSlot& slot, const std::string& text) {
  if (slot.is_argv && text.find_first_of(" \t\n") != std::string::npos)
    return R"(must be a list of arguments such as ["agent", "--quiet"], not )" + toml_string(text);
  *slot.value = {text};
  return check_text(text);
}

Complaint assign(const ListSlot& slot, const toml::node& node) {
  if (const auto* text = node.as_string()) return assign_single(slot, text->get());
  const auto* array = node.as_array();
  if (array == nullptr) return but_is("must be a list of strings", node);
  std::vector<std::string> values;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return "must be a list of strings, but holds " + value_text(element);
    if (Complaint complaint = check_text(text->get())) return complaint;
    values.push_back(text->get());
  }
  *slot.value = std::move(values);
  return std::nullopt;
}

Complaint assign(OptionalListSlot slot, const toml::node& node) {
  return assign(ListSlot{&slot->emplace()}, node);
}

// Adds to what is there: each name of the table is a setting of its own.
Complaint assign(const TableSlot& slot, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr) return but_is(R"(must be a table such as { NAME = "value" })", node);
  for (const auto& [key, element] : *table) {
    const std::string name(key.str());
    if (name.empty() || name.find('=') != std::string::npos || check_text(name))
      return "holds " + toml_string(name) + ", which cannot be the name of a variable";
    const auto* text = element.as_string();
    if (text == nullptr)
      return "must hold strings, but " + quote(name) + " is " + value_text(element);
    if (Complaint complaint = check_text(text->get())) return complaint;
    (*slot.value)[name] = text->get();
  }
  return std::nullopt;
}

Complaint assign(const ChoiceSlot& slot, const toml::node& node) {
  std::string wanted = "must be ";
  for (std::size_t i = 0; i < slot.names.size(); ++i) {
    if (const auto* text = node.as_string(); text != nullptr && text->get() == slot.names[i]) {
      slot.choose(i);
      return std::nullopt;
    }
    if (i != 0) wanted += i + 1 == slot.names.size() ? " or " : ", ";
    wanted += quote(slot.names[i]);
  }
  return but_is(wanted, node);
}

}  // namespace

Complaint assign_node(const Slot& slot, const toml::node& node) {
  return std::visit([&node](const auto& one) { return assign(one, node); }, slot);
}

}  // namespace konductor::config
