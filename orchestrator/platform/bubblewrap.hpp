// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/process_launcher.hpp"

// Bubblewrap: a program that gives another one a view of the disk of its own, by mounts that nobody
// else sees.
namespace konductor::platform {

// Its command line, behind which comes that of the program: all of the disk read-only, the writable
// places as they are, and in the place of each unreadable one nothing. The network is everybody's;
// processes are, too, but for root's, which see themselves alone. Resolves links on the disk.
std::vector<std::string> bwrap_arguments(const ports::Confinement& confinement);

// Whether the program at this path makes such sandboxes here, which takes starting one. Error
// `environment` with why not.
Result<void> try_bwrap(const std::string& program);

}  // namespace konductor::platform
