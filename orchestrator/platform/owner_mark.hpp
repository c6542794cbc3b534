// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace konductor::platform {

// A number that every process of one attempt carries, whatever it does to its environment, session
// or parent: the hard limit of RLIMIT_RTTIME. It is inherited through fork and exec, anyone may
// read it of their own processes, an unprivileged process cannot raise it, and at more than 70,000
// years of real-time scheduling it limits nothing.
using OwnerMark = std::uint64_t;

// The mark for a token, or nothing when this program itself runs under such a limit (as an agent of
// another engine): raising it is not allowed, and the other engine needs its own mark to stay.
std::optional<OwnerMark> owner_mark_for(std::string_view token);

// The mark a process carries; nothing when it has none or may not be asked.
std::optional<OwnerMark> read_owner_mark(pid_t pid);

}  // namespace konductor::platform
