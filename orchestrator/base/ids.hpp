// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace konductor {

// A task inside one phase. `{0, 0}` stands for the phase itself (the holistic review and its
// fixes), `{n, 0}` for plan n as a whole (the fix of its merge conflict).
struct TaskAddress {
  int plan = 0;
  int task = 0;

  [[nodiscard]] bool is_phase() const { return plan == 0; }
  [[nodiscard]] bool is_merge() const { return plan != 0 && task == 0; }
  friend auto operator<=>(const TaskAddress&, const TaskAddress&) = default;
};

inline constexpr TaskAddress kPhaseAddress{};

// What a person typed for a plan or a task: `01/002/3`, `1/2`, `002/3` with parts left out.
struct AddressText {
  std::optional<std::string> phase;
  std::optional<int> plan;
  std::optional<int> task;

  friend bool operator==(const AddressText&, const AddressText&) = default;
};

enum class AddressKind { phase, plan, task };

// Reads an address of the kind that is wanted. Leading parts may be missing: with kind `task`,
// "2/3" is plan 2, task 3, and "01/holistic" the phase's own review (plan 0, task 0). Error
// `invalid_input` says what form was expected.
Result<AddressText> parse_address(std::string_view text, AddressKind kind);

// "002", three digits at least.
std::string plan_text(int plan);
// "01/002/3"; for the phase itself "01/holistic", for a plan's merge "01/002".
std::string address_text(std::string_view phase, const TaskAddress& address);
// "01/002".
std::string plan_address_text(std::string_view phase, int plan);

}  // namespace konductor
