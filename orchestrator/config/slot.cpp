// SPDX-License-Identifier: MIT
#include "config/slot.hpp"

#include <array>
#include <charconv>

#include "base/overloaded.hpp"
#include "config/units.hpp"

namespace konductor::config {
namespace {

std::string list_text(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) {
    if (text.size() > 1) text += ", ";
    text += toml_string(value);
  }
  return text + "]";
}

std::string table_text(const std::map<std::string, std::string>& values) {
  if (values.empty()) return "{}";
  std::string text = "{";
  for (const auto& [name, value] : values) {
    text += text.size() > 1 ? ", " : " ";
    text += toml_string(name) + " = " + toml_string(value);
  }
  return text + " }";
}

// The shortest text that is read as the same number.
std::string amount_text(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.begin(), buffer.end(), value);
  std::string text(buffer.begin(), error == std::errc() ? end : buffer.begin());
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string choices_text(const ChoiceSlot& slot) {
  std::string text = "one of ";
  for (std::size_t i = 0; i < slot.names.size(); ++i) {
    if (i != 0) text += ", ";
    text += slot.names[i];
  }
  return text;
}

}  // namespace

std::string toml_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += "\\u00";
      quoted += kHex[byte >> 4U];
      quoted += kHex[byte & 0xFU];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string slot_type(const Slot& slot) {
  return std::visit(Overloaded{
                        [](bool*) -> std::string { return "true or false"; },
                        [](std::string*) -> std::string { return "string"; },
                        [](const IntegerSlot& integer) {
                          return "integer, at least " + std::to_string(integer.minimum);
                        },
                        [](const AmountSlot&) -> std::string { return "number"; },
                        [](const SizeSlot&) -> std::string { return "size"; },
                        [](const DurationSlot&) -> std::string { return "duration"; },
                        [](OptionalFlagSlot) -> std::string { return "true or false"; },
                        [](OptionalDurationSlot) -> std::string { return "duration"; },
                        [](OptionalListSlot) -> std::string { return "list of strings"; },
                        [](const ListSlot&) -> std::string { return "list of strings"; },
                        [](const TableSlot&) -> std::string { return "table of strings"; },
                        [](const ChoiceSlot& choice) { return choices_text(choice); },
                    },
                    slot);
}

std::string slot_text(const Slot& slot) {
  return std::visit(
      Overloaded{
          [](bool* value) -> std::string { return *value ? "true" : "false"; },
          [](std::string* value) { return toml_string(*value); },
          [](const IntegerSlot& integer) { return std::to_string(*integer.value); },
          [](const AmountSlot& amount) { return amount_text(*amount.value); },
          [](const SizeSlot& size) { return toml_string(format_size(*size.bytes)); },
          [](const DurationSlot& duration) {
            return toml_string(format_duration(*duration.value));
          },
          [](OptionalFlagSlot value) -> std::string {
            if (!value->has_value()) return "";
            return **value ? "true" : "false";
          },
          [](OptionalDurationSlot value) {
            return value->has_value() ? toml_string(format_duration(**value)) : "";
          },
          [](OptionalListSlot value) { return value->has_value() ? list_text(**value) : ""; },
          [](const ListSlot& list) { return list_text(*list.value); },
          [](const TableSlot& table) { return table_text(*table.value); },
          [](const ChoiceSlot& choice) { return toml_string(choice.names[choice.current]); },
      },
      slot);
}

}  // namespace konductor::config
