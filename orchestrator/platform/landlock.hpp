// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.hpp"
#include "platform/unique_fd.hpp"
#include "ports/process_launcher.hpp"

// Landlock: a process without privileges gives up rights on files for itself and all that it will
// ever start. By the kernel's own system calls.
namespace konductor::platform {

// The version of Landlock that this kernel offers; 0 when it has none, or none with which programs
// can work (before ABI 2 nothing can be moved from one directory to another).
int landlock_abi();

// Rules by which a process may do what the confinement lets it do. Those that are for reading can
// only name what is there now: what is new beside an unreadable place, or beside a folder on the
// way to one, cannot be read either. The names in directories can be listed everywhere. It may
// send no signal to who is not confined with it, where the kernel can refuse that (ABI 6). What is
// out of reach is left out. The descriptor is for landlock_restrict_self. Error `environment` when
// the kernel has no Landlock.
Result<UniqueFd> make_landlock_rules(const ports::Confinement& confinement);

}  // namespace konductor::platform
