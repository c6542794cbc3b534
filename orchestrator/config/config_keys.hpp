// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <span>
#include <string>

#include "config/config.hpp"
#include "config/slot.hpp"

namespace konductor::config {

// Every key of the program, once. The order is that of the example.
std::span<const Key<Config>> config_keys();
std::span<const Key<RoleSettings>> role_keys();        // Of [roles.<role>].
std::span<const Key<RuntimeSettings>> runtime_keys();  // Of [runtimes.<name>].

// The schema of everything that `config` can hold, slots pointing into it: all roles, and the
// runtimes that it has entries for. `config` must outlive it.
Schema make_schema(Config& config);

}  // namespace konductor::config
