// SPDX-License-Identifier: MIT
#include "platform/local_process.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "platform/cgroup.hpp"
#include "platform/cgroup_files.hpp"
#include "platform/spawn.hpp"

namespace konductor::platform {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using ports::ProcessExit;

namespace {

constexpr std::chrono::seconds kKillTimeMax{10};
// A killed process's end is seen at once by its pidfd; this is for one that reaps none of its own.
constexpr std::chrono::milliseconds kLookAgain{50};
constexpr std::chrono::milliseconds kLookAgainSoon{1};

// Freezes all before it kills any, so that none replaces another that it sees die.
void kill_members(const TreeRoot& root, const std::vector<TreeMember>& members) {
  // The group's number is the root's pid, which is the root's until it is reaped.
  const bool has_group = root.pid > 0 && (root.is_child || !root.has_ended);
  if (members.size() > 1)
    for (const TreeMember& member : members)
      ProcessTree::signal_member(member, SIGSTOP);
  if (has_group) ::kill(-root.pid, SIGKILL);
  for (const TreeMember& member : members)
    ProcessTree::signal_member(member, SIGKILL);
}

// Waits until the process ends, but not long.
asio::awaitable<void> wait_for_end(pid_t pid) {
  const auto executor = co_await asio::this_coro::executor;
  const auto token = asio::as_tuple(asio::use_awaitable);
  asio::steady_timer timer(executor, kLookAgain);
  const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) {
    timer.expires_after(kLookAgainSoon);
    co_await timer.async_wait(token);
    co_return;
  }
  stream_descriptor pidfd(executor, descriptor);
  using asio::experimental::awaitable_operators::operator||;
  co_await (pidfd.async_wait(stream_descriptor::wait_read, token) || timer.async_wait(token));
}

// True when our child has ended; it is not reaped.
bool has_child_ended(pid_t pid) {
  siginfo_t info = {};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid != 0;
}

asio::awaitable<Result<int>> kill_until_none_left(const ProcessTree& tree, TreeRoot& root) {
  const auto deadline = std::chrono::steady_clock::now() + kKillTimeMax;
  std::set<std::pair<pid_t, std::uint64_t>> strays;
  while (true) {
    std::vector<TreeMember> members;
    if (root.is_child)
      members = tree.members(root);
    else
      members = co_await tree.search(root.token);
    if (members.empty()) co_return static_cast<int>(strays.size());
    for (const TreeMember& member : members)
      if (member.pid != root.pid) strays.emplace(member.pid, member.start_time);
    if (std::chrono::steady_clock::now() > deadline)
      co_return Error{ErrorCode::io, "process " + std::to_string(members.front().pid) +
                                         " does not end although it was killed; it hangs in the "
                                         "kernel or starts others faster than they can be killed"};
    kill_members(root, members);
    co_await wait_for_end(members.back().pid);
    // The group of an adopted root means nothing once the root may be gone.
    root.has_ended = !root.is_child || has_child_ended(root.pid);
  }
}

}  // namespace

asio::awaitable<Result<int>> kill_attempt(const ProcessTree& tree, TreeRoot& root) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  auto result = co_await kill_until_none_left(tree, root);
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return result;
}

LocalProcess::LocalProcess(const asio::any_io_executor& executor, ProcessTree& tree,
                           OutputWatch& watch, TreeRoot root, UniqueFd pidfd,
                           std::vector<std::string> output_paths)
    : tree_(tree),
      watch_(watch),
      root_(std::move(root)),
      pidfd_(executor, pidfd.release()),
      output_paths_(std::move(output_paths)) {
  tree_.add(root_);
}

LocalProcess::~LocalProcess() {
  if (is_forgotten_) return;
  if (root_.is_child) {
    ::kill(-root_.pid, SIGKILL);
    ::kill(root_.pid, SIGKILL);
    if (!cgroup_.empty()) static_cast<void>(write_cgroup_file(cgroup_, "cgroup.kill", "1"));
  }
  forget();
}

// From now on the root is a child like any orphan: it is reaped when it is dead.
void LocalProcess::forget() {
  is_forgotten_ = true;
  tree_.remove(root_);
}

ports::ProcessIdentity LocalProcess::identity() const {
  if (start_time_ == 0 && !is_forgotten_)
    if (const auto stat = read_process_stat(root_.pid); stat.has_value())
      start_time_ = stat->start_time;
  return {root_.pid, start_time_, root_.token, cgroup_};
}

std::optional<std::chrono::milliseconds> LocalProcess::age() const {
  const std::uint64_t started = identity().start_time;
  const std::uint64_t now = boot_ticks();
  if (started == 0 || now < started) return std::nullopt;
  return std::chrono::milliseconds((now - started) * 1000 / ticks_per_second());
}

bool LocalProcess::look_for_exit() {
  if (exit_.has_value()) return true;
  if (!root_.is_child) {
    pollfd ready = {pidfd_.native_handle(), POLLIN, 0};
    if (::poll(&ready, 1, 0) == 1) exit_ = ProcessExit{-1, 0};
  } else {
    siginfo_t info = {};
    const int failed = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.native_handle()), &info,
                                WEXITED | WNOHANG | WNOWAIT);
    if (failed == 0 && info.si_pid != 0) {
      if (info.si_code == CLD_EXITED)
        exit_ = ProcessExit{info.si_status, 0};
      else
        exit_ = ProcessExit{-1, info.si_status};
    }
  }
  root_.has_ended = exit_.has_value();
  return exit_.has_value();
}

asio::awaitable<Result<ProcessExit>> LocalProcess::wait() {
  const auto token = asio::as_tuple(asio::use_awaitable);
  while (!exit_.has_value()) {
    const auto result = co_await pidfd_.async_wait(stream_descriptor::wait_read, token);
    const boost::system::error_code error = std::get<0>(result);
    // The loop may report the descriptor early; then it is waited for again.
    if (look_for_exit()) break;
    if (error) throw boost::system::system_error(error);
  }
  co_return ending();
}

void LocalProcess::supervise(std::string record, std::string program) {
  record_ = std::move(record);
  program_ = std::move(program);
}

// A supervisor that could not start its program ends as a shell would.
Result<ProcessExit> LocalProcess::ending() const {
  constexpr int kNotStarted = 127;
  if (record_.empty() || exit_->exit_code != kNotStarted) return *exit_;
  std::ifstream file(record_);
  const nlohmann::json record = nlohmann::json::parse(file, nullptr, false);
  const int error_number = record.is_object() ? record.value("exec_errno", 0) : 0;
  if (error_number != 0 && record.value("failed_step", "") == "cgroup")
    return error_from_errno(error_number, "cannot start " + quote(program_) + " in its cgroup");
  if (error_number != 0) return program_error(error_number, program_);
  return *exit_;
}

void LocalProcess::interrupt() {
  if (is_forgotten_ || look_for_exit()) return;
  // The descriptor means this process, whoever has its number by now.
  ::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), SIGINT, nullptr, 0);
}

void LocalProcess::signal_tree(int signal) {
  if (is_forgotten_) return;
  look_for_exit();
  std::vector<TreeMember> members;
  if (root_.is_child)
    members = tree_.members(root_);
  else
    members = tree_.search_now(root_.token);
  const bool has_group = root_.is_child || !root_.has_ended;
  if (has_group) ::kill(-root_.pid, signal);
  for (const TreeMember& member : members) {
    // Those in the group have it already, and some count the signals they get.
    if (has_group) {
      const auto stat = read_process_stat(member.pid);
      if (!stat.has_value() || stat->group == root_.pid) continue;
    }
    ProcessTree::signal_member(member, signal);
  }
}

asio::awaitable<Result<int>> LocalProcess::kill_tree() {
  if (is_forgotten_) co_return 0;
  look_for_exit();
  if (cgroup_.empty()) {
    Result<int> ended = co_await kill_all();
    co_return ended;
  }
  met_ = read_ceilings_met(cgroup_);
  const bool had_ended = root_.has_ended;
  int held = 0;
  if (!had_ended) {
    held = static_cast<int>(cgroup_processes(cgroup_).size());
    static_cast<void>(write_cgroup_file(cgroup_, "cgroup.kill", "1"));
  } else if (!remove_cgroup(cgroup_)) {
    const Result<int> killed = co_await end_cgroup(cgroup_);
    if (killed.has_error()) co_return killed.error();
    held = killed.value();
  }
  // What is not in the cgroup: a supervisor, and whoever left.
  const Result<int> swept = co_await kill_all();
  if (swept.has_error()) co_return swept.error();
  if (had_ended) co_return held + swept.value();
  // The supervisor may have put its program there after the first look.
  const Result<int> late = co_await end_cgroup(cgroup_);
  if (late.has_error()) co_return late.error();
  co_return std::max(held, swept.value());
}

asio::awaitable<Result<int>> LocalProcess::kill_all() {
  // The ordinary end, without a coroutine more: nothing is left.
  if (root_.is_child && root_.has_ended && !tree_.may_have_orphans()) {
    forget();
    co_return 0;
  }
  auto result = co_await kill_attempt(tree_, root_);
  look_for_exit();
  if (result.has_value()) forget();
  co_return result;
}

void LocalProcess::abandon() {
  if (!is_forgotten_) forget();
}

std::uint64_t LocalProcess::memory() const {
  std::uint64_t bytes = 0;
  if (is_forgotten_) return bytes;
  if (!cgroup_.empty()) {
    for (const int pid : cgroup_processes(cgroup_))
      bytes += read_own_memory(pid);
    return bytes;
  }
  const auto members = root_.is_child ? tree_.members(root_) : tree_.search_now(root_.token);
  for (const TreeMember& member : members)
    bytes += read_own_memory(member.pid);
  return bytes;
}

std::uint64_t LocalProcess::output_bytes() const {
  std::uint64_t bytes = 0;
  for (const std::string& path : output_paths_) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0) bytes += static_cast<std::uint64_t>(status.st_size);
  }
  return bytes;
}

asio::awaitable<void> LocalProcess::output_grew() {
  while (true) {
    // Watched before the sizes are read, so that no write falls between the two.
    OutputWatch::Wait wait(watch_, output_paths_);
    const std::uint64_t bytes = output_bytes();
    const bool has_grown = bytes > output_seen_;
    output_seen_ = bytes;
    if (has_grown) co_return;
    co_await wait.written();
  }
}

}  // namespace konductor::platform
