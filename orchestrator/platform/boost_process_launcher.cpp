// SPDX-License-Identifier: MIT
#include "platform/boost_process_launcher.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <boost/process/v2/environment.hpp>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "platform/bubblewrap.hpp"
#include "platform/cgroup.hpp"
#include "platform/local_process.hpp"

namespace konductor::platform {

namespace environment = boost::process::v2::environment;

namespace {

constexpr std::size_t kProgramsMax = 256;
// What a shell takes when PATH is not set.
constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

std::string_view path_variable(const std::vector<std::string>& variables) {
  constexpr std::string_view kName = "PATH=";
  for (const std::string& variable : variables)
    if (variable.starts_with(kName)) return std::string_view(variable).substr(kName.size());
  return kDefaultPath;
}

// A relative entry would mean another directory for the child than for us, so it is left out.
std::string absolute_entries(std::string_view path) {
  std::vector<std::string> kept;
  for (const std::string_view entry : split(path, ':'))
    if (entry.starts_with('/')) kept.emplace_back(entry);
  return join(kept, ":");
}

std::vector<std::string> output_paths(const ports::ProcessSpec& spec) {
  std::vector<std::string> paths;
  if (!spec.stdout_path.empty()) paths.push_back(spec.stdout_path);
  if (!spec.stderr_path.empty() && spec.stderr_path != spec.stdout_path)
    paths.push_back(spec.stderr_path);
  return paths;
}

// The regular files that an adopted process's stdout and stderr go to.
std::vector<std::string> open_outputs(pid_t pid) {
  std::vector<std::string> paths;
  for (const char* fd : {"1", "2"}) {
    std::error_code error;
    const std::filesystem::path path =
        std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/fd/" + fd, error);
    if (error || !std::filesystem::is_regular_file(path, error)) continue;
    if (paths.empty() || paths.front() != path.native()) paths.push_back(path.native());
  }
  return paths;
}

// What the engine itself starts: the program, or what starts it in the end.
struct Call {
  std::string program;
  ports::ProcessSpec spec;
};

// Bubblewrap's call of the program. Signals are for the program and not for bubblewrap, which would
// end before it; so a supervisor has it begin with all of them blocked.
Call sandboxed(Call call) {
  const ports::Confinement by = std::move(*call.spec.confinement);
  call.spec.confinement.reset();
  std::vector<std::string> inner = std::move(call.spec.argv);
  if (call.spec.supervision)
    inner.insert(inner.begin(), {call.spec.supervision->program, "--unblock", call.program});
  else
    inner.front() = call.program;
  call.spec.argv = bwrap_arguments(by);
  call.spec.argv.insert(call.spec.argv.end(), inner.begin(), inner.end());
  call.program = by.bwrap;
  return call;
}

// The supervisor's call of the program; see orchestrator/supervisor.
Call supervised(Call call, bool is_sandboxed) {
  const ports::Supervision& by = *call.spec.supervision;
  std::vector<std::string> whole = {by.program};
  if (is_sandboxed) whole.emplace_back("--sandboxed");
  const std::vector<std::string> more = {by.record,
                                         std::to_string(::getpid()),
                                         by.stops_on_engine_death ? "stop" : "continue",
                                         std::to_string(by.timeout.count()),
                                         std::to_string(by.grace.count()),
                                         call.spec.cgroup.empty() ? "-" : call.spec.cgroup,
                                         call.program};
  whole.insert(whole.end(), more.begin(), more.end());
  whole.insert(whole.end(), call.spec.argv.begin(), call.spec.argv.end());
  call.spec.argv = std::move(whole);
  call.program = by.program;
  return call;
}

Call call_of(const ports::ProcessSpec& spec, const std::string& program) {
  Call call{program, spec};
  const bool is_sandboxed = spec.confinement && !spec.confinement->bwrap.empty();
  if (is_sandboxed) call = sandboxed(std::move(call));
  if (spec.supervision) call = supervised(std::move(call), is_sandboxed);
  return call;
}

}  // namespace

BoostProcessLauncher::BoostProcessLauncher(boost::asio::any_io_executor executor)
    : executor_(std::move(executor)), tree_(executor_), output_watch_(executor_) {}

Result<std::string> BoostProcessLauncher::find_program(const ports::ProcessSpec& spec) {
  const std::string& name = spec.argv.front();
  if (name.find('/') != std::string::npos) return name;
  const std::string_view path = path_variable(spec.environment);
  std::string key(path);
  key += '\0';
  key += name;
  if (const auto known = programs_.find(key); known != programs_.end()) return known->second;

  const std::unordered_map<environment::key, environment::value> variables = {
      {environment::key("PATH"), environment::value(absolute_entries(path))}};
  std::string found;
  try {
    found = environment::find_executable(name, variables).native();
  } catch (const boost::system::system_error&) {
    found.clear();  // A directory that cannot be looked into.
  }
  if (found.empty())
    return Error{ErrorCode::environment, "cannot start " + quote(name) + ": not found in PATH (" +
                                             std::string(path) +
                                             "); install it or name its full path"};
  if (programs_.size() >= kProgramsMax) programs_.clear();
  programs_[key] = found;
  return found;
}

Result<std::unique_ptr<ports::Process>> BoostProcessLauncher::start(
    const ports::ProcessSpec& spec) {
  if (spec.argv.empty() || spec.argv.front().empty())
    return Error{ErrorCode::invalid_input, "cannot start an empty command; name a program"};
  const std::size_t known = programs_.size();
  KON_TRY(const std::string program, find_program(spec));
  const bool was_known = programs_.size() == known && program != spec.argv.front();
  tree_.watch_this_thread();
  if (!spec.cgroup.empty()) {
    const Result<void> made = make_cgroup(spec.cgroup, spec.ceilings);
    if (made.has_error()) return made.error().with_context("cannot start " + quote(program));
  }
  TreeRoot root;
  root.start_time = boot_ticks();
  root.token = spec.token;
  root.mark = owner_mark_for(spec.token);
  const bool is_direct =
      !spec.supervision && (!spec.confinement || spec.confinement->bwrap.empty());
  const Call call = is_direct ? Call() : call_of(spec, program);
  auto spawned = is_direct ? spawner_.spawn(spec, program, root.mark)
                           : spawner_.spawn(call.spec, call.program, root.mark);
  if (!spawned.has_value()) {
    programs_.clear();
    if (!spec.cgroup.empty()) remove_cgroup(spec.cgroup);
    // The program may have moved since it was found.
    if (was_known) return start(spec);
    return std::move(spawned).error();
  }
  root.pid = spawned->pid;
  auto process = std::make_unique<LocalProcess>(executor_, tree_, output_watch_, std::move(root),
                                                std::move(spawned->pidfd), output_paths(spec));
  if (!spec.cgroup.empty()) process->hold_in(spec.cgroup);
  if (spec.supervision) process->supervise(spec.supervision->record, program);
  return process;
}

Result<std::unique_ptr<ports::Process>> BoostProcessLauncher::adopt(
    const ports::ProcessIdentity& identity) {
  const Error gone{ErrorCode::not_found,
                   "process " + std::to_string(identity.pid) + " has ended meanwhile"};
  if (identity.pid <= 0) return gone;
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, identity.pid, 0)));
  if (!pidfd.is_open()) {
    if (errno == ESRCH || errno == EINVAL) return gone;
    return error_from_errno(errno, "cannot adopt process " + std::to_string(identity.pid));
  }
  // Checked after the descriptor was opened: it holds on to the very process that is looked at.
  const auto stat = read_process_stat(identity.pid);
  const bool is_same =
      stat.has_value() && stat->state != 'Z' && stat->start_time == identity.start_time;
  if (!is_same) return gone;
  const auto mark = owner_mark_for(identity.token);
  const bool is_marked = mark.has_value() && read_owner_mark(identity.pid) == mark;
  if (!is_marked && !has_environment_entry(identity.pid, identity.token)) return gone;
  TreeRoot root{identity.pid, identity.start_time, identity.token, mark, false, false};
  auto process = std::make_unique<LocalProcess>(executor_, tree_, output_watch_, std::move(root),
                                                std::move(pidfd), open_outputs(identity.pid));
  if (!identity.cgroup.empty()) process->hold_in(identity.cgroup);
  return process;
}

boost::asio::awaitable<Result<int>> BoostProcessLauncher::sweep(std::string token) {
  TreeRoot root;
  root.token = std::move(token);
  root.is_child = false;
  root.has_ended = true;
  co_return co_await kill_attempt(tree_, root);
}

boost::asio::awaitable<Result<int>> BoostProcessLauncher::end_cgroup(std::string directory,
                                                                     std::set<std::string> kept) {
  Result<int> ended = co_await end_cgroup_but(std::move(directory), std::move(kept));
  co_return ended;
}

}  // namespace konductor::platform
