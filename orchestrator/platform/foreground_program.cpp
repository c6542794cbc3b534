// SPDX-License-Identifier: MIT
#include "platform/foreground_program.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/text.hpp"

namespace konductor::platform {

namespace {

std::vector<char*> as_argv(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words)
    pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Of a process in the background, asking for the terminal raises a signal that stops it.
class WithoutStops {
 public:
  WithoutStops() {
    sigset_t stops;
    ::sigemptyset(&stops);
    ::sigaddset(&stops, SIGTTOU);
    ::pthread_sigmask(SIG_BLOCK, &stops, &before_);
  }
  WithoutStops(const WithoutStops&) = delete;
  WithoutStops& operator=(const WithoutStops&) = delete;
  ~WithoutStops() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_ = {};
};

// What it is started with: a group of its own, and all signals as at the beginning.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&all_);
    ::posix_spawnattr_setpgroup(&all_, 0);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&all_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&all_, &signals);
    ::posix_spawnattr_setflags(
        &all_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&all_); }
  const posix_spawnattr_t* get() const { return &all_; }

 private:
  posix_spawnattr_t all_ = {};
};

class Actions {
 public:
  explicit Actions(int terminal) {
    ::posix_spawn_file_actions_init(&all_);
    ::posix_spawn_file_actions_addtcsetpgrp_np(&all_, terminal);
    for (const int standard : {0, 1, 2})
      ::posix_spawn_file_actions_adddup2(&all_, terminal, standard);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { ::posix_spawn_file_actions_destroy(&all_); }
  const posix_spawn_file_actions_t* get() const { return &all_; }

 private:
  posix_spawn_file_actions_t all_ = {};
};

}  // namespace

Result<int> run_in_foreground(const std::vector<std::string>& argv,
                              const std::vector<std::string>& environment, int terminal) {
  const pid_t own_group = ::tcgetpgrp(terminal);
  const std::vector<char*> words = as_argv(argv);
  const std::vector<char*> variables = as_argv(environment);
  const Actions actions(terminal);
  const SpawnAttributes attributes;
  const WithoutStops without_stops;
  pid_t pid = -1;
  const int failure = ::posix_spawnp(&pid, words.front(), actions.get(), attributes.get(),
                                     words.data(), variables.data());
  if (failure != 0)
    return Error{ErrorCode::environment, "cannot start " + quote(argv.front()) + ": " +
                                             std::generic_category().message(failure)};
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (own_group > 0) ::tcsetpgrp(terminal, own_group);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace konductor::platform
