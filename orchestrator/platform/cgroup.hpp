// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ceilings.hpp"
#include "base/result.hpp"

// Cgroups of the kernel's second version, as directories: every process in one is killed in one
// step, whatever it has made of itself, and a process that is just being made, too. Moving out of
// one takes the right to write where it came from.
namespace konductor::platform {

// Where this process may make cgroups for those that it starts.
struct CgroupHome {
  std::string directory;                 // "" when nowhere.
  std::vector<std::string> controllers;  // That hold what is made there to its ceilings.
  std::string why_not;                   // When nowhere.
};

// Tries it out, with a cgroup and a process of its own. With `wants_ceilings` the controllers are
// turned on where that is possible; this process then moves to a cgroup of its own below its own,
// because one that has processes has no controllers to give on.
CgroupHome find_cgroup_home(bool wants_ceilings);

// Makes the cgroup, and the one above it when that is missing, and sets its ceilings. Error as of
// the system calls; one that can be made but not held to its ceilings is an error too.
Result<void> make_cgroup(const std::string& directory, const Ceilings& ceilings);

// The processes in it and below; nothing when it is gone. A great many are not counted to the end.
std::vector<int> cgroup_processes(const std::string& directory);
// What the kernel noted of it so far.
CeilingsMet read_ceilings_met(const std::string& directory);

// Removes it with all that is below it, if it is empty of processes; false when it is not.
bool remove_cgroup(const std::string& directory);

// Kills all that is in it and below, waits until nothing is, and removes it. Returns how many
// processes there were. One that is not there counts as empty. Error `io` when a process does not
// end in ten seconds. Not interrupted by cancelling.
boost::asio::awaitable<Result<int>> end_cgroup(std::string directory);

// The same for all that is in it but for children of these names, with which it stays.
boost::asio::awaitable<Result<int>> end_cgroup_but(std::string directory,
                                                   std::set<std::string> kept);

}  // namespace konductor::platform
