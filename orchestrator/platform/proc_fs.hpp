// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::platform {

// What /proc/<pid>/stat says, as far as the engine asks.
struct ProcessStat {
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  int threads = 0;
  std::uint64_t start_time = 0;  // Ticks since boot; with the pid it names a process for ever.
};

// True for a process that only waits to be reaped. One whose first thread has ended while others
// run has the state of a zombie too, but lives.
inline bool is_dead(const ProcessStat& stat) {
  return (stat.state == 'Z' || stat.state == 'X') && stat.threads <= 1;
}

// Nothing when the process is gone.
std::optional<ProcessStat> read_process_stat(pid_t pid);

// Children of one thread, zombies included; nothing when the kernel has no such file or the thread
// is gone.
std::optional<std::vector<pid_t>> read_children_of_thread(pid_t pid, pid_t thread);

// Children of all threads of a process, in one step where the kernel lists them, else by walking
// all processes.
std::vector<pid_t> read_children(pid_t pid);

// All processes that this user can see.
std::vector<pid_t> read_all_processes();

// How many processes and threads this user has, as far as they can be seen.
std::uint64_t count_own_threads();

// Bytes of memory that a process holds for itself: without what it shares, such as its program's
// text. 0 when it is gone.
std::uint64_t read_own_memory(pid_t pid);

// True when the process's environment, as it was at exec, holds the string `entry` ("NAME=value").
// False when it cannot be read.
bool has_environment_entry(pid_t pid, std::string_view entry);

// Its arguments, the program's name first; none when they cannot be read.
std::vector<std::string> read_command_line(pid_t pid);

// Whether the process has that file open; false when it cannot be told.
bool has_open(pid_t pid, const struct stat& file);

// Now, in the unit of ProcessStat::start_time.
std::uint64_t boot_ticks();
std::uint64_t ticks_per_second();

}  // namespace konductor::platform
