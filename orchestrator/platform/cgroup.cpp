// SPDX-License-Identifier: MIT
#include "platform/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "base/text.hpp"
#include "platform/cgroup_files.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kEmptyTimeMax{10};
// The kernel tells of the last process's end; this is for one that it does not tell of.
constexpr std::chrono::milliseconds kLookIntoAgain{20};
constexpr std::size_t kProcessesMax = 20'000;

// Directories below it, those that are deepest first.
std::vector<std::string> below(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error))
    if (it->is_directory(error)) found.push_back(it->path().native());
  std::reverse(found.begin(), found.end());
  return found;
}

void add_processes(const std::string& directory, std::vector<int>& found) {
  const std::string text = read_cgroup_file(directory, "cgroup.procs");
  for (const std::string_view line : split_lines(text)) {
    int pid = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), pid);
    if (error == std::errc() && end == line.data() + line.size() && found.size() < kProcessesMax)
      found.push_back(pid);
  }
}

bool is_populated(const std::string& directory) {
  return cgroup_count(read_cgroup_file(directory, "cgroup.events"), "populated") > 0;
}

// Until something changes in it, but not long.
asio::awaitable<void> wait_for_change(std::string directory) {
  const auto executor = co_await asio::this_coro::executor;
  const auto token = asio::as_tuple(asio::use_awaitable);
  asio::steady_timer timer(executor, kLookIntoAgain);
  const std::string path = directory + "/cgroup.events";
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    co_await timer.async_wait(token);
    co_return;
  }
  asio::posix::stream_descriptor events(executor, descriptor);
  // What is read here is what changes are told of.
  std::array<char, 256> seen;
  const ssize_t bytes = ::pread(descriptor, seen.data(), seen.size(), 0);
  const std::string_view text(seen.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  if (cgroup_count(text, "populated") == 0) co_return;
  using asio::experimental::awaitable_operators::operator||;
  co_await (events.async_wait(asio::posix::stream_descriptor::wait_error, token) ||
            timer.async_wait(token));
}

asio::awaitable<Result<int>> kill_and_remove(std::string directory) {
  const auto deadline = std::chrono::steady_clock::now() + kEmptyTimeMax;
  std::set<int> killed;
  while (::access(directory.c_str(), F_OK) == 0) {
    if (is_populated(directory)) {
      for (const int pid : cgroup_processes(directory))
        killed.insert(pid);
      const Result<void> written = write_cgroup_file(directory, "cgroup.kill", "1");
      if (written.has_error() && ::access(directory.c_str(), F_OK) == 0) co_return written.error();
      while (is_populated(directory) && std::chrono::steady_clock::now() <= deadline)
        co_await wait_for_change(directory);
    } else if (remove_cgroup(directory)) {
      break;
    }
    if (std::chrono::steady_clock::now() > deadline)
      co_return Error{ErrorCode::io, "cannot empty and remove the cgroup " + quote(directory) +
                                         ": a process in it hangs in the kernel, or others are "
                                         "put into it"};
  }
  co_return static_cast<int>(killed.size());
}

Result<void> set_ceiling(const std::string& directory, const char* file, const std::string& value) {
  const Result<void> written = write_cgroup_file(directory, file, value);
  if (written.has_error()) return written.error().with_context("cannot set a ceiling");
  return {};
}

std::string cpu_share(double cpus) {
  constexpr double kPeriod = 100'000;  // Microseconds; the kernel's own.
  constexpr double kLeast = 1000;
  const double share = std::clamp(cpus * kPeriod, kLeast, 1e12);
  return std::to_string(std::llround(share)) + " " + std::to_string(std::llround(kPeriod));
}

Result<void> set_ceilings(const std::string& directory, const Ceilings& ceilings) {
  if (ceilings.memory != 0) {
    KON_TRY_VOID(set_ceiling(directory, "memory.max", std::to_string(ceilings.memory)));
    // What it may not hold in memory it may not hold in swap either, where that is counted.
    static_cast<void>(write_cgroup_file(directory, "memory.swap.max", "0"));
  }
  if (ceilings.processes != 0)
    KON_TRY_VOID(set_ceiling(directory, "pids.max", std::to_string(ceilings.processes)));
  if (ceilings.cpus > 0) KON_TRY_VOID(set_ceiling(directory, "cpu.max", cpu_share(ceilings.cpus)));
  return {};
}

Result<void> make_directory(const std::string& directory, bool& is_new) {
  is_new = ::mkdir(directory.c_str(), 0755) == 0;
  if (is_new || errno == EEXIST) return {};
  return error_from_errno(errno, "cannot make the cgroup " + quote(directory));
}

}  // namespace

Result<void> make_cgroup(const std::string& directory, const Ceilings& ceilings) {
  const std::string parent = fs::path(directory).parent_path().native();
  bool is_new = false;
  KON_TRY_VOID(make_directory(parent, is_new));
  if (is_new) enable_controllers(parent);
  KON_TRY_VOID(make_directory(directory, is_new));
  return set_ceilings(directory, ceilings);
}

std::vector<int> cgroup_processes(const std::string& directory) {
  std::vector<int> found;
  for (const std::string& each : below(directory))
    add_processes(each, found);
  add_processes(directory, found);
  return found;
}

CeilingsMet read_ceilings_met(const std::string& directory) {
  CeilingsMet met;
  met.memory = cgroup_count(read_cgroup_file(directory, "memory.events"), "oom_kill") > 0;
  met.processes = cgroup_count(read_cgroup_file(directory, "pids.events"), "max") > 0;
  return met;
}

bool remove_cgroup(const std::string& directory) {
  if (::rmdir(directory.c_str()) == 0 || errno == ENOENT) return true;
  // Whoever worked in it may have made some of its own.
  for (const std::string& each : below(directory))
    ::rmdir(each.c_str());
  return ::rmdir(directory.c_str()) == 0 || errno == ENOENT;
}

asio::awaitable<Result<int>> end_cgroup(std::string directory) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Result<int> ended = co_await kill_and_remove(std::move(directory));
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return ended;
}

asio::awaitable<Result<int>> end_cgroup_but(std::string directory, std::set<std::string> kept) {
  int count = 0;
  bool is_kept = false;
  std::vector<std::string> others;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_directory(error)) continue;
    if (kept.count(it->path().filename().native()) != 0)
      is_kept = true;
    else
      others.push_back(it->path().native());
  }
  if (!is_kept) others.push_back(directory);
  for (const std::string& each : others) {
    const Result<int> ended = co_await end_cgroup(each);
    if (ended.has_error()) co_return ended.error();
    count += ended.value();
  }
  co_return count;
}

}  // namespace konductor::platform
