// SPDX-License-Identifier: MIT
#include "platform/spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "base/check.hpp"
#include "base/text.hpp"
#include "platform/landlock.hpp"
#include "platform/proc_fs.hpp"

// ThreadSanitizer takes every clone for a fork, and its own records in the memory that the child
// shares then no longer hold. The C library's other name for the function is left alone.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int __clone(int (*)(void*), void*, int, void*, ...);
#define KON_CLONE ::__clone
#endif
#endif
#if !defined(KON_CLONE)
#define KON_CLONE ::clone
#endif

#if defined(__clang__)
#define KON_UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation, noinline))
#else
#define KON_UNINSTRUMENTED __attribute__((no_sanitize("address", "undefined", "thread"), noinline))
#endif

namespace konductor::platform {

namespace {

constexpr std::size_t kStackBytes = 64 << 10;
constexpr std::size_t kGuardBytes = 4 << 10;
constexpr int kKernelSignalBytes = 8;

enum class Step {
  descriptors,
  group,
  input,
  output,
  error_output,
  cgroup,
  directory,
  confinement,
  program
};

constexpr int kNoRules = 2;  // What is kept of the parent's descriptors ends there anyhow.

// What the child needs, made before it starts: it may not allocate. The last two are its answer.
struct ChildPlan {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  // What the descriptors from 0 on are opened to: three, or those of a cgroup too.
  std::array<const char*, 5> paths = {};
  std::array<int, 5> flags = {};
  int open_count = 3;
  bool joins_cgroup = false;  // The fourth is its "cgroup.procs".
  unsigned long process_limit = 0;
  const int* signals = nullptr;
  std::size_t signal_count = 0;
  OwnerMark mark = 0;
  int rules = kNoRules;  // Landlock's, closed by exec.
  Step step = Step::descriptors;
  int error_number = 0;
};

// The kernel's form of struct sigaction; all zero is "default".
struct KernelSigaction {
  void* handler = nullptr;
  unsigned long flags = 0;
  void* restorer = nullptr;
  unsigned long mask = 0;
};

// Runs in the child, in the parent's memory: system calls only, straight to the kernel, so that no
// library and no sanitizer takes note of what is not the parent's doing.
KON_UNINSTRUMENTED bool prepare_child(ChildPlan& plan) {
  plan.step = Step::descriptors;
  const auto rules = static_cast<unsigned>(plan.rules);
  if (::syscall(SYS_close_range, rules + 1, ~0U, CLOSE_RANGE_UNSHARE) != 0) return false;
  if (rules > 3 && ::syscall(SYS_close_range, 3U, rules - 1, 0U) != 0) return false;
  plan.step = Step::group;
  if (::syscall(SYS_setpgid, 0, 0) != 0) return false;
  const KernelSigaction by_default;
  for (std::size_t i = 0; i < plan.signal_count; ++i)
    ::syscall(SYS_rt_sigaction, plan.signals[i], &by_default, nullptr, kKernelSignalBytes);
  for (int fd = 0; fd < plan.open_count; ++fd) {
    plan.step = fd < 3 ? static_cast<Step>(static_cast<int>(Step::input) + fd) : Step::cgroup;
    // The lowest free number is given out, and all below this one are taken.
    ::syscall(SYS_close, fd);
    if (::syscall(SYS_openat, AT_FDCWD, plan.paths[static_cast<std::size_t>(fd)],
                  plan.flags[static_cast<std::size_t>(fd)], 0666) != fd)
      return false;
  }
  if (plan.joins_cgroup) {
    if (::syscall(SYS_write, kCgroupDescriptor, "0", 1L) != 1) return false;
    ::syscall(SYS_close, kCgroupDescriptor);
  }
  plan.step = Step::directory;
  if (::syscall(SYS_chdir, plan.directory) != 0) return false;
  // From here on it is confined; what it needed to open is open.
  plan.step = Step::confinement;
  if (plan.rules != kNoRules && (::syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 ||
                                 ::syscall(SYS_landlock_restrict_self, plan.rules, 0U) != 0))
    return false;
  plan.step = Step::program;
  if (plan.mark != 0) {
    // Without a mark the sweep falls back on weaker signs, so a refusal is no reason to stop.
    const rlimit limit = {plan.mark, plan.mark};
    ::syscall(SYS_prlimit64, 0, RLIMIT_RTTIME, &limit, nullptr);
  }
  if (plan.process_limit != 0) {
    // It can only be lowered: where it is lower already, that stays.
    const rlimit limit = {plan.process_limit, plan.process_limit};
    ::syscall(SYS_prlimit64, 0, RLIMIT_NPROC, &limit, nullptr);
  }
  const unsigned long no_signals = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr, kKernelSignalBytes);
  ::syscall(SYS_execve, plan.program, plan.argv, plan.environment);
  return false;
}

KON_UNINSTRUMENTED int run_child(void* argument) {
  auto& plan = *static_cast<ChildPlan*>(argument);
  prepare_child(plan);
  plan.error_number = errno;
  ::syscall(SYS_exit_group, 127);
  return 127;
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings)
    pointers.push_back(const_cast<char*>(text.c_str()));  // exec's signature predates const.
  pointers.push_back(nullptr);
  return pointers;
}

const char* path_or_null_device(const std::string& path) {
  return path.empty() ? "/dev/null" : path.c_str();
}

Error step_error(const ChildPlan& plan, const std::string& program) {
  const std::string what = "cannot start " + quote(program) + ": ";
  Error error;
  switch (plan.step) {
    case Step::descriptors:
      error = error_from_errno(plan.error_number, what + "closing descriptors (Linux 5.11 needed)");
      break;
    case Step::group:
      error = error_from_errno(plan.error_number, what + "making a process group");
      break;
    case Step::input:
    case Step::output:
    case Step::error_output: {
      const auto fd =
          static_cast<std::size_t>(static_cast<int>(plan.step) - static_cast<int>(Step::input));
      error = error_from_errno(plan.error_number, what + "opening " + quote(plan.paths[fd]));
      break;
    }
    case Step::cgroup:
      error = error_from_errno(plan.error_number, what + "entering its cgroup");
      break;
    case Step::directory:
      error = error_from_errno(plan.error_number, what + "entering " + quote(plan.directory));
      break;
    case Step::confinement:
      error = error_from_errno(plan.error_number, what + "confining it with Landlock");
      break;
    case Step::program:
      return program_error(plan.error_number, program);
  }
  // A missing directory is not a missing program, which is what callers take `not_found` for.
  if (error.code == ErrorCode::not_found) error.code = ErrorCode::io;
  return error;
}

Error no_room_error(int error_number, const std::string& program) {
  const std::string what = "cannot start " + quote(program) + ": ";
  if (error_number == EAGAIN || error_number == ENOMEM)
    return Error{ErrorCode::environment,
                 what + "the system has no room for another process (" +
                     (error_number == ENOMEM ? "memory" : "process limit, see ulimit -u") + ")"};
  if (error_number == EMFILE || error_number == ENFILE)
    return Error{ErrorCode::environment, what + "too many open files (see ulimit -n)"};
  return error_from_errno(error_number, what + "clone");
}

struct CgroupFiles {
  std::string first;   // Its directory, or "cgroup.procs".
  std::string second;  // "cgroup.kill", for a supervisor.
};

void plan_cgroup(const ports::ProcessSpec& spec, CgroupFiles& files, ChildPlan& plan) {
  if (spec.cgroup.empty()) return;
  if (!spec.supervision) {
    files.first = spec.cgroup + "/cgroup.procs";
    plan.paths[kCgroupDescriptor] = files.first.c_str();
    plan.flags[kCgroupDescriptor] = O_WRONLY;
    plan.open_count = kCgroupDescriptor + 1;
    plan.joins_cgroup = true;
    return;
  }
  files.first = spec.cgroup;
  files.second = spec.cgroup + "/cgroup.kill";
  plan.paths[kCgroupDescriptor] = files.first.c_str();
  plan.flags[kCgroupDescriptor] = O_RDONLY | O_DIRECTORY;
  plan.paths[kCgroupKillDescriptor] = files.second.c_str();
  plan.flags[kCgroupKillDescriptor] = O_WRONLY;
  plan.open_count = kCgroupKillDescriptor + 1;
}

// The numbers below are for what the child opens.
Result<UniqueFd> out_of_the_way(UniqueFd fd) {
  UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kCgroupKillDescriptor + 1));
  if (!moved.is_open()) return error_from_errno(errno, "cannot duplicate a descriptor");
  return moved;
}

// The failed child has already left our memory and is about to end.
void reap_failed_child(int pidfd) {
  siginfo_t info = {};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) != 0 && errno == EINTR) {
  }
}

}  // namespace

Error program_error(int error_number, const std::string& program) {
  const std::string what = "cannot start " + quote(program);
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Error{ErrorCode::environment,
                   what +
                       ": not found; check that it is installed, and if it is a script, that the "
                       "program named in its first line is"};
    case EACCES:
      return Error{ErrorCode::environment,
                   what + ": not executable; check its permissions (chmod +x)"};
    case ENOEXEC:
      return Error{ErrorCode::environment,
                   what + ": neither a program for this machine nor a script that begins with #!"};
    case E2BIG:
      return Error{ErrorCode::io, what + ": its arguments and environment are too long"};
    default:
      return error_from_errno(error_number, what);
  }
}

Spawner::Spawner() {
  stack_ = ::mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  KON_CHECK(stack_ != MAP_FAILED);
  KON_CHECK(::mprotect(stack_, kGuardBytes, PROT_NONE) == 0);
  // Ignored signals stay ignored through exec, and a handler must not run in the child: it would
  // act on the parent's memory. Those that this program handles later are in the list too.
  signals_to_reset_ = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2};
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction current = {};
    if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN &&
        std::find(signals_to_reset_.begin(), signals_to_reset_.end(), signal) ==
            signals_to_reset_.end())
      signals_to_reset_.push_back(signal);
  }
}

Spawner::~Spawner() {
  ::munmap(stack_, kGuardBytes + kStackBytes);
}

Result<Spawned> Spawner::spawn(const ports::ProcessSpec& spec, const std::string& program,
                               std::optional<OwnerMark> mark) {
  const std::vector<char*> argv = pointers_to(spec.argv);
  const std::vector<char*> environment = pointers_to(spec.environment);
  constexpr int kOutputFlags = O_WRONLY | O_CREAT | O_APPEND;
  ChildPlan plan;
  plan.program = program.c_str();
  plan.argv = argv.data();
  plan.environment = environment.data();
  plan.directory = spec.directory.empty() ? "." : spec.directory.c_str();
  plan.paths = {path_or_null_device(spec.stdin_path), path_or_null_device(spec.stdout_path),
                path_or_null_device(spec.stderr_path)};
  plan.flags = {O_RDONLY, kOutputFlags, kOutputFlags};
  CgroupFiles cgroup_files;
  plan_cgroup(spec, cgroup_files, plan);
  if (spec.ceilings.user_processes != 0)
    plan.process_limit =
        count_own_threads() + static_cast<unsigned long>(spec.ceilings.user_processes);
  plan.signals = signals_to_reset_.data();
  plan.signal_count = signals_to_reset_.size();
  plan.mark = mark.value_or(0);
  UniqueFd rules;
  if (spec.confinement) {
    Result<UniqueFd> made = make_landlock_rules(*spec.confinement);
    if (made.has_error()) return made.error().with_context("cannot start " + quote(program));
    rules = std::move(made).value();
    if (!spec.cgroup.empty()) {
      KON_TRY(rules, out_of_the_way(std::move(rules)));
    }
    plan.rules = rules.get();
  }

  sigset_t all_signals;
  sigset_t before;
  ::sigfillset(&all_signals);
  ::pthread_sigmask(SIG_SETMASK, &all_signals, &before);
  int pidfd = -1;
  const pid_t pid =
      KON_CLONE(run_child, static_cast<char*>(stack_) + kGuardBytes + kStackBytes,
                CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
  const int clone_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

  if (pid < 0) return no_room_error(clone_error, program);
  Spawned spawned{pid, UniqueFd(pidfd)};
  if (plan.error_number != 0) {
    reap_failed_child(pidfd);
    return step_error(plan, program);
  }
  return spawned;
}

}  // namespace konductor::platform
