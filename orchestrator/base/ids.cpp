// SPDX-License-Identifier: MIT
#include "base/ids.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.hpp"

namespace konductor {
namespace {

constexpr std::string_view kHolistic = "holistic";

// Plans and tasks count from 1; 0 stands for the phase and has a name.
std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || rest != end || value < 1) return std::nullopt;
  return value;
}

Error bad_address(std::string_view text, AddressKind kind) {
  const char* form = kind == AddressKind::task   ? "a task address such as 01/002/3"
                     : kind == AddressKind::plan ? "a plan address such as 01/002"
                                                 : "a phase such as 01";
  return Error{ErrorCode::invalid_input, quote(text) + " is not " + form};
}

}  // namespace

Result<AddressText> parse_address(std::string_view text, AddressKind kind) {
  std::vector<std::string_view> parts = split(text, '/');
  AddressText address;
  if (kind == AddressKind::task && parts.back() == kHolistic && parts.size() <= 2) {
    if (parts.front().empty()) return bad_address(text, kind);
    if (parts.size() == 2) address.phase = std::string(parts.front());
    address.plan = kPhaseAddress.plan;
    address.task = kPhaseAddress.task;
    return address;
  }
  const std::size_t numbers = kind == AddressKind::task ? 2 : kind == AddressKind::plan ? 1 : 0;
  if (parts.empty() || parts.size() > numbers + 1 ||
      parts.size() < std::max<std::size_t>(numbers, 1))
    return bad_address(text, kind);
  if (parts.size() == numbers + 1) {
    if (parts.front().empty()) return bad_address(text, kind);
    address.phase = std::string(parts.front());
    parts.erase(parts.begin());
  }
  if (numbers >= 1) {
    address.plan = parse_number(parts[0]);
    if (!address.plan) return bad_address(text, kind);
  }
  if (numbers == 2) {
    address.task = parse_number(parts[1]);
    if (!address.task) return bad_address(text, kind);
  }
  return address;
}

std::string plan_text(int plan) {
  std::string digits = std::to_string(plan);
  if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
  return digits;
}

std::string plan_address_text(std::string_view phase, int plan) {
  return std::string(phase) + "/" + plan_text(plan);
}

std::string address_text(std::string_view phase, const TaskAddress& address) {
  if (address.is_phase()) return std::string(phase) + "/" + std::string(kHolistic);
  if (address.is_merge()) return plan_address_text(phase, address.plan);
  return plan_address_text(phase, address.plan) + "/" + std::to_string(address.task);
}

}  // namespace konductor
