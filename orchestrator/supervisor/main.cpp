// SPDX-License-Identifier: MIT
// konductor-supervisor [--sandboxed] RECORD ENGINE ON_DEATH TIMEOUT_MS GRACE_MS CGROUP
//   PROGRAM ARGV0 [ARGUMENT...]
// konductor-supervisor --unblock PROGRAM ARGV0 [ARGUMENT...]
//
// Stands between the engine and the program of one attempt, whose parent it is: it outlives the
// engine, and so somebody always learns how the attempt ended. It starts PROGRAM, writes who it is
// itself to RECORD, and when PROGRAM has ended, how; then it ends in the same way. Whatever is sent
// to its group reaches PROGRAM without it; SIGINT, which the engine sends to it alone, it passes
// on.
//
// When the engine, whose pid is ENGINE, is gone it keeps the limits: PROGRAM is asked to end after
// TIMEOUT_MS from the start (0: never), or at once when ON_DEATH is "stop", and killed GRACE_MS
// later; what PROGRAM started and left behind is killed when it has ended.
//
// CGROUP is the directory of the cgroup that PROGRAM is started in, "-" without; then descriptor 3
// is that directory, and 4 its "cgroup.kill". This process itself is not in it: what is left there
// is killed in one step, and then the cgroup is removed, as far as this process may.
//
// With --sandboxed PROGRAM is bubblewrap, which is to end when the program within has ended: it
// begins with all signals blocked that ask to end, and SIGINT is passed on to that program. That
// one begins by --unblock, which only takes the block away.
//
// RECORD is a JSON object: "pid" and "start_time" (field 22 of /proc/<pid>/stat) of this process,
// and at the end "exit_code" (-1 when a signal ended it), "signal", "milliseconds" (how long
// PROGRAM ran), "out_of_memory" (true when the kernel killed a process at the cgroup's ceiling),
// "ended_by"
// ("timed_out" or "engine_died" when it was ended for that) or "exec_errno", when PROGRAM could not
// be started, with "failed_step" ("cgroup" or "program").
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

constexpr int kEngineGone = SIGUSR1;
constexpr int kNotStarted = 127;
constexpr int kCgroup = 3;  // Descriptors, when there is one.
constexpr int kCgroupKill = 4;
constexpr int kFirstArgument = 8;  // PROGRAM's argv[0].
constexpr long kNanosecondsOfMillisecond = 1'000'000;

struct Options {
  bool is_sandboxed = false;
  const char* record = nullptr;
  pid_t engine = 0;
  bool stops_on_death = false;
  long long timeout = 0;  // Milliseconds.
  long long grace = 0;
  const char* cgroup = nullptr;  // Null without.
  const char* program = nullptr;
  char** arguments = nullptr;
};

struct Ending {
  int exit_code = -1;
  int signal = 0;
  int exec_errno = 0;
  const char* failed_step = "program";
  long long milliseconds = 0;
  bool is_out_of_memory = false;
  const char* ended_by = "";
};

long long now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<long long>(time.tv_sec) * 1000 + time.tv_nsec / kNanosecondsOfMillisecond;
}

// Field 22 of /proc/self/stat; the name in the second may hold anything but its last bracket.
unsigned long long start_time() {
  std::array<char, 1024> text{};
  const int fd = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t bytes = ::read(fd, text.data(), text.size() - 1);
  ::close(fd);
  if (bytes <= 0) return 0;
  const char* at = std::strrchr(text.data(), ')');
  constexpr int kFieldsBetween = 20;
  for (int field = 0; at != nullptr && field < kFieldsBetween; ++field)
    at = std::strchr(at + 1, ' ');
  return at == nullptr ? 0 : std::strtoull(at, nullptr, 10);
}

// In one step, so that who reads it finds all of it. Without room for it nobody learns more than
// that the attempt has ended, which counts as one that was cut off.
void write_record(const Options& options, unsigned long long started, const Ending* ending,
                  bool is_synced = false) {
  std::array<char, 512> text{};
  int length = 0;
  if (ending == nullptr)
    length = std::snprintf(text.data(), text.size(), "{\"pid\":%d,\"start_time\":%llu}\n",
                           static_cast<int>(::getpid()), started);
  else
    length = std::snprintf(text.data(), text.size(),
                           "{\"pid\":%d,\"start_time\":%llu,\"exit_code\":%d,\"signal\":%d,"
                           "\"exec_errno\":%d,\"failed_step\":\"%s\",\"milliseconds\":%lld,"
                           "\"out_of_memory\":%s,\"ended_by\":\"%s\"}\n",
                           static_cast<int>(::getpid()), started, ending->exit_code, ending->signal,
                           ending->exec_errno, ending->failed_step, ending->milliseconds,
                           ending->is_out_of_memory ? "true" : "false", ending->ended_by);
  std::array<char, 4096> temporary{};
  const int named = std::snprintf(temporary.data(), temporary.size(), "%s.new", options.record);
  if (named < 0 || named >= static_cast<int>(temporary.size())) return;
  ::unlink(temporary.data());
  const int fd = ::open(temporary.data(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return;
  const bool is_written = ::write(fd, text.data(), static_cast<std::size_t>(length)) == length;
  if (is_synced) ::fdatasync(fd);
  ::close(fd);
  if (is_written) ::rename(temporary.data(), options.record);
}

void unblock_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// For each child that the kernel tells of in this file.
void for_each_child(const char* file, void (*act)(pid_t)) {
  const int fd = ::open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::array<char, 4096> text{};
  const ssize_t bytes = ::read(fd, text.data(), text.size() - 1);
  ::close(fd);
  char* at = text.data();
  char* const end = at + (bytes > 0 ? bytes : 0);
  // A number at the end may be half of one.
  while (at < end) {
    char* next = nullptr;
    const long pid = std::strtol(at, &next, 10);
    if (next == at || next >= end || *next != ' ') return;
    if (pid > 1) act(static_cast<pid_t>(pid));
    at = next + 1;
  }
}

void end_at_once(pid_t pid) {
  ::kill(pid, SIGKILL);
}

bool is_bubblewrap(pid_t pid) {
  constexpr char kName[] = "bwrap\n";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "/proc/%d/comm", static_cast<int>(pid));
  const int fd = ::open(text.data(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t bytes = ::read(fd, text.data(), text.size());
  ::close(fd);
  return bytes == sizeof kName - 1 && std::memcmp(text.data(), kName, sizeof kName - 1) == 0;
}

// Bubblewrap is one process or two, one in the other.
void interrupt_within(pid_t pid) {
  if (!is_bubblewrap(pid)) {
    ::kill(pid, SIGINT);
    return;
  }
  std::array<char, 64> file{};
  const int number = static_cast<int>(pid);
  std::snprintf(file.data(), file.size(), "/proc/%d/task/%d/children", number, number);
  for_each_child(file.data(), interrupt_within);
}

class Supervisor {
 public:
  explicit Supervisor(const Options& options) : options_(options) {}

  int run() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    block_signals();
    ::prctl(PR_SET_PDEATHSIG, kEngineGone);
    started_ = start_time();
    began_ = now();
    write_record(options_, started_, nullptr);
    if (!start()) {
      write_record(options_, started_, &ending_);
      return kNotStarted;
    }
    while (!has_ended_)
      wait_for_one();
    ending_.milliseconds = now() - began_;
    ending_.is_out_of_memory = was_out_of_memory();
    // An engine that lives records the end itself.
    const bool is_alone = is_engine_gone();
    if (is_alone) kill_what_is_left();
    write_record(options_, started_, &ending_, is_alone);
    end_alike();
    return ending_.exit_code;
  }

 private:
  void block_signals() {
    ::sigemptyset(&awaited_);
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, kEngineGone})
      ::sigaddset(&awaited_, signal);
    ::sigprocmask(SIG_BLOCK, &awaited_, nullptr);
  }

  bool start() {
    if (options_.cgroup == nullptr)
      start_beside();
    else
      start_in_cgroup();
    if (ending_.exec_errno == 0) return true;
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
    ending_.exit_code = kNotStarted;
    return false;
  }

  void start_beside() {
    int failed = 0;
    volatile int* const failure = &failed;
    child_ = ::vfork();
    if (child_ == 0) become_program(failure);
    if (child_ < 0) *failure = errno;
    ending_.exec_errno = *failure;
  }

  // Born in it: moving there later would leave a moment without, and costs more.
  void start_in_cgroup() {
    ::fcntl(kCgroup, F_SETFD, FD_CLOEXEC);
    ::fcntl(kCgroupKill, F_SETFD, FD_CLOEXEC);
    // The child has memory of its own, but for this page.
    void* const page =
        ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
      ending_.exec_errno = errno;
      return;
    }
    volatile int* const failure = static_cast<int*>(page);
    clone_args arguments = {};
    arguments.flags = CLONE_VFORK | CLONE_INTO_CGROUP;
    arguments.exit_signal = SIGCHLD;
    arguments.cgroup = kCgroup;
    child_ = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
    if (child_ == 0) become_program(failure);
    if (child_ < 0) ending_.failed_step = "cgroup";
    ending_.exec_errno = child_ < 0 ? errno : *failure;
    ::munmap(page, sizeof(int));
  }

  [[noreturn]] void become_program(volatile int* failure) const {
    if (!options_.is_sandboxed) unblock_signals();
    ::execv(options_.program, options_.arguments);
    *failure = errno;
    ::_exit(kNotStarted);
  }

  [[nodiscard]] bool was_out_of_memory() const {
    if (options_.cgroup == nullptr) return false;
    const int fd = ::openat(kCgroup, "memory.events", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;  // Its memory has no ceiling.
    std::array<char, 512> text{};
    const ssize_t bytes = ::read(fd, text.data(), text.size() - 1);
    ::close(fd);
    const char* const at = bytes > 0 ? std::strstr(text.data(), "oom_kill ") : nullptr;
    return at != nullptr && std::strtoull(at + std::strlen("oom_kill "), nullptr, 10) > 0;
  }

  void wait_for_one() {
    const long long deadline = next_deadline();
    int signal = 0;
    if (deadline == 0) {
      signal = ::sigwaitinfo(&awaited_, nullptr);
    } else {
      const long long rest = deadline > now() ? deadline - now() : 0;
      timespec time{};
      time.tv_sec = static_cast<time_t>(rest / 1000);
      time.tv_nsec = static_cast<long>(rest % 1000) * kNanosecondsOfMillisecond;
      signal = ::sigtimedwait(&awaited_, nullptr, &time);
    }
    if (signal == SIGINT) interrupt();
    reap();
    if (!has_ended_) keep_limits();
  }

  // Nobody else does, from now on: the engine asks for itself as long as there is one.
  bool is_engine_gone() const { return ::getppid() != options_.engine; }

  long long next_deadline() const {
    if (kill_at_ != 0) return kill_at_;
    if (!is_engine_gone()) return 0;
    if (options_.stops_on_death) return now();
    return options_.timeout == 0 ? 0 : began_ + options_.timeout;
  }

  void keep_limits() {
    const long long deadline = next_deadline();
    if (deadline == 0 || now() < deadline) return;
    if (kill_at_ == 0) {
      ending_.ended_by = options_.stops_on_death ? "engine_died" : "timed_out";
      kill_at_ = now() + (options_.grace > 0 ? options_.grace : 1);
      ::kill(0, SIGTERM);
    } else {
      ::kill(child_, SIGKILL);
      kill_at_ = now() + 1000;
    }
  }

  void reap() {
    int status = 0;
    for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0;
         pid = ::waitpid(-1, &status, WNOHANG)) {
      if (pid != child_) continue;
      has_ended_ = true;
      ending_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      ending_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
  }

  // What it started and left becomes this process's own, one generation after the other; what is
  // in the cgroup ends at once.
  void kill_what_is_left() const {
    if (options_.cgroup != nullptr && ::write(kCgroupKill, "1", 1) != 1) {
      // The children are killed all the same.
    }
    while (true) {
      kill_children();
      if (::waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) break;
    }
    if (options_.cgroup != nullptr) ::rmdir(options_.cgroup);
  }

  static void kill_children() { for_each_child("/proc/thread-self/children", end_at_once); }

  void interrupt() const {
    if (options_.is_sandboxed)
      interrupt_within(child_);
    else
      ::kill(child_, SIGINT);
  }

  // So that the engine, which sees this process end, sees that one's end.
  void end_alike() const {
    if (ending_.signal == 0) return;
    const rlimit no_core = {0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(ending_.signal, SIG_DFL);
    sigset_t all;
    ::sigemptyset(&all);
    ::sigaddset(&all, ending_.signal);
    ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
    ::kill(::getpid(), ending_.signal);
  }

  const Options& options_;
  sigset_t awaited_ = {};
  pid_t child_ = 0;
  unsigned long long started_ = 0;
  long long began_ = 0;
  long long kill_at_ = 0;
  bool has_ended_ = false;
  Ending ending_;
};

// The program begins as it would without a sandbox around it.
int run_unblocked(char** argv) {
  unblock_signals();
  ::execv(argv[0], argv + 1);
  std::fprintf(stderr, "konductor-supervisor: error: cannot start %s: %s\n", argv[0],
               std::strerror(errno));
  return kNotStarted;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 3 && std::strcmp(argv[1], "--unblock") == 0) return run_unblocked(argv + 2);
  Options options;
  if (argc > 1 && std::strcmp(argv[1], "--sandboxed") == 0) {
    options.is_sandboxed = true;
    ++argv;
    --argc;
  }
  if (argc <= kFirstArgument) {
    std::fputs(
        "konductor-supervisor: error: it is started by konductor, for each attempt\n"
        "usage: konductor-supervisor [--sandboxed] RECORD ENGINE continue|stop TIMEOUT_MS GRACE_MS "
        "CGROUP|- "
        "PROGRAM ARGV0 [ARGUMENT...]\n",
        stderr);
    return 2;
  }
  options.record = argv[1];
  options.engine = static_cast<pid_t>(std::strtol(argv[2], nullptr, 10));
  options.stops_on_death = std::strcmp(argv[3], "stop") == 0;
  options.timeout = std::strtoll(argv[4], nullptr, 10);
  options.grace = std::strtoll(argv[5], nullptr, 10);
  if (std::strcmp(argv[6], "-") != 0) options.cgroup = argv[6];
  options.program = argv[7];
  options.arguments = argv + kFirstArgument;
  return Supervisor(options).run();
}
