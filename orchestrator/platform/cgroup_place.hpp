// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace konductor::platform {

// The directory of this process's cgroup in the second version's hierarchy, as the texts of
// /proc/self/mountinfo and /proc/self/cgroup tell it; "" where that is not mounted, or not the part
// of it that the process is in. Systems that have both versions mount it beside the first's.
std::string own_cgroup_directory(std::string_view mounts, std::string_view cgroups);

}  // namespace konductor::platform
