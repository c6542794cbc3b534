// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace konductor::platform {

// "MemAvailable" of a text such as /proc/meminfo's, in bytes; 0 when it tells none.
std::uint64_t parse_available_memory(std::string_view text);

// Bytes that programs can take before the system has to swap, kill, or refuse them: what the kernel
// counts as available, or less where a cgroup that this process is in has a ceiling. 0 when that
// cannot be told.
std::uint64_t available_memory();

}  // namespace konductor::platform
