// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "platform/cgroup.hpp"
#include "platform/cgroup_files.hpp"
#include "platform/cgroup_place.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kProbe = "konductor-probe-";
constexpr std::string_view kEngine = "konductor-engine-";

std::string named(const std::string& directory, std::string_view prefix) {
  return directory + "/" + std::string(prefix) + std::to_string(::getpid());
}

// Starts a process in it that ends at once, as attempts are started.
Result<void> start_in(const std::string& directory) {
  const UniqueFd place(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!place.is_open()) return error_from_errno(errno, "cannot open " + quote(directory));
  clone_args arguments = {};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(place.get());
  const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) ::syscall(SYS_exit_group, 0);
  if (pid < 0) return error_from_errno(errno, "cannot start a process in " + quote(directory));
  while (::waitpid(static_cast<pid_t>(pid), nullptr, 0) < 0 && errno == EINTR) {
  }
  return {};
}

Result<void> try_out(const std::string& home) {
  const std::string probe = named(home, kProbe);
  if (::mkdir(probe.c_str(), 0755) != 0 && errno != EEXIST)
    return error_from_errno(errno, "cannot make a cgroup in " + quote(home));
  Result<void> tried;
  if (::access((probe + "/cgroup.kill").c_str(), W_OK) != 0)
    tried = Error{ErrorCode::environment, "the kernel has no cgroup.kill (Linux 5.14 or later)"};
  else
    tried = start_in(probe);
  if (!remove_cgroup(probe) && tried.has_value())
    tried = Error{ErrorCode::environment, "cannot remove the cgroup " + quote(probe)};
  return tried;
}

bool is_of_dead_engine(std::string_view name) {
  for (const std::string_view prefix : {kProbe, kEngine}) {
    if (name.substr(0, prefix.size()) != prefix) continue;
    const pid_t pid = std::atoi(std::string(name.substr(prefix.size())).c_str());
    return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
  }
  return false;
}

// Of engines that were killed. One that is not empty cannot be removed.
void remove_what_is_left(const std::string& home) {
  std::error_code error;
  for (fs::directory_iterator it(home, error), end; !error && it != end; it.increment(error)) {
    if (is_of_dead_engine(it->path().filename().native())) ::rmdir(it->path().c_str());
  }
}

bool has_more_to_give(const std::string& home, const std::vector<std::string>& on) {
  const std::string offered = read_cgroup_file(home, "cgroup.controllers");
  std::size_t count = 0;
  for (const std::string_view word : split(trim(offered), ' '))
    if (word == "memory" || word == "pids" || word == "cpu") ++count;
  return count > on.size();
}

// A cgroup with processes gives no controllers on, so this one makes room, if it is alone there.
std::vector<std::string> controllers_of(const std::string& home) {
  std::vector<std::string> on = enable_controllers(home);
  if (!has_more_to_give(home, on)) return on;
  const std::string own = named(home, kEngine);
  if (::mkdir(own.c_str(), 0755) != 0 && errno != EEXIST) return on;
  const std::string pid = std::to_string(::getpid());
  if (write_cgroup_file(own, "cgroup.procs", pid).has_value()) {
    const std::vector<std::string> more = enable_controllers(home);
    if (more.size() > on.size()) return more;
    static_cast<void>(write_cgroup_file(home, "cgroup.procs", pid));
  }
  ::rmdir(own.c_str());
  return on;
}

}  // namespace

CgroupHome find_cgroup_home(bool wants_ceilings) {
  CgroupHome found;
  const std::string own = own_cgroup_directory(read_cgroup_file("/proc/self", "mountinfo"),
                                               read_cgroup_file("/proc/self", "cgroup"));
  if (own.empty()) {
    found.why_not = "no cgroup v2 hierarchy is mounted that this process is in";
    return found;
  }
  remove_what_is_left(own);
  const Result<void> tried = try_out(own);
  if (tried.has_error()) {
    found.why_not = tried.error().message;
    return found;
  }
  found.directory = own;
  if (wants_ceilings) found.controllers = controllers_of(own);
  return found;
}

}  // namespace konductor::platform
