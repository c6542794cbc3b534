// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/unique_fd.hpp"

// Landlock: a process without privileges gives up rights on files for itself and all that it will
// ever start. By the kernel's own system calls.
namespace konductor::platform {

// The version of Landlock that this kernel offers; 0 when it has none, or none with which programs
// can work (before ABI 2 nothing can be moved from one directory to another).
int landlock_abi();

// Rules by which a process may write in these places only: files, and directories with all that is
// in them. Links are followed, what is missing or out of reach is left out. Reading is not limited.
// It may send no signal to who is not confined with it, where the kernel can refuse that (ABI 6).
// The descriptor is for landlock_restrict_self. Error `environment` when the kernel has no
// Landlock.
Result<UniqueFd> make_write_rules(const std::vector<std::string>& places);

}  // namespace konductor::platform
