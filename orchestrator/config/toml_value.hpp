// SPDX-License-Identifier: MIT
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>

#include "config/slot.hpp"

namespace konductor::config {

// What is wrong with a value, said behind the key's name; nothing when it was taken.
using Complaint = std::optional<std::string>;

// Writes a TOML value to a slot, when it is of the slot's type and in its range.
Complaint assign_node(const Slot& slot, const toml::node& node);

}  // namespace konductor::config
