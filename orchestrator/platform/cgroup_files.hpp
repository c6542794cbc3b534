// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

// The files of a cgroup's directory.
namespace konductor::platform {

// "" when it cannot be read.
std::string read_cgroup_file(const std::string& directory, const char* name);
// Error as of the system calls, with the file's name.
Result<void> write_cgroup_file(const std::string& directory, const char* name,
                               std::string_view text);

// The number behind the key in lines such as "oom_kill 1"; 0 when there is none.
std::uint64_t cgroup_count(std::string_view text, std::string_view key);

// Lets the cgroups below the directory's be held to ceilings, as far as its own may be. Returns the
// controllers that are on then.
std::vector<std::string> enable_controllers(const std::string& directory);

}  // namespace konductor::platform
