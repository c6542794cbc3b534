// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/temp_dir.hpp"

extern char** environ;

namespace konductor::test {

// How a program that a test ran has ended.
struct RunResult {
  int exit_code = -1;  // 128 + signal when a signal ended it, as a shell says.
  int signal = 0;
  bool is_timed_out = false;
  std::string out;
  std::string err;
};

struct RunOptions {
  std::vector<std::pair<std::string, std::string>> environment;  // Added to the test's own.
  std::vector<std::string> unset;                                // Taken out of it.
  std::string directory;                                         // "" is the test's own.
  std::string input;
  std::chrono::milliseconds timeout{60'000};
};

// A program that runs beside the test, without a shell. Its output goes to files, so that nothing
// it leaves behind can hold the test up.
class RunningProgram {
 public:
  RunningProgram(const std::vector<std::string>& argv, const RunOptions& options) {
    write_file(files_ / "input", options.input);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    const std::string input = (files_ / "input").native();
    const std::string out = (files_ / "out").native();
    const std::string err = (files_ / "err").native();
    constexpr int kOutput = O_WRONLY | O_CREAT | O_APPEND;
    ::posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), kOutput, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), kOutput, 0600);
    if (!options.directory.empty())
      ::posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
    // Its own group, so that kill_group() reaches what it started.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const std::vector<std::string> variables = variables_of(options);
    const int failed = ::posix_spawnp(&pid_, argv.front().c_str(), &actions, &attributes,
                                      pointers(argv).data(), pointers(variables).data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (failed != 0)
      throw std::runtime_error("cannot run " + argv.front() + ": " + std::strerror(failed));
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() {
    if (is_ended_) return;
    kill_group(SIGKILL);
    (void)wait(std::chrono::milliseconds(10'000));
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void kill(int signal) const {
    if (!is_ended_) ::kill(pid_, signal);
  }
  void kill_group(int signal) const {
    if (!is_ended_) ::kill(-pid_, signal);
  }
  [[nodiscard]] std::string out() const { return read_file(files_ / "out"); }
  [[nodiscard]] std::string err() const { return read_file(files_ / "err"); }

  // Waits until it ends; past the timeout its group is killed.
  RunResult wait(std::chrono::milliseconds timeout) {
    RunResult result;
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    pollfd ready = {pidfd, POLLIN, 0};
    while (true) {
      const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      const int count = ::poll(&ready, 1, std::max(0, static_cast<int>(rest.count())));
      if (count < 0 && errno == EINTR) continue;
      if (count == 0) {
        result.is_timed_out = true;
        ::kill(-pid_, SIGKILL);
      }
      break;
    }
    ::close(pidfd);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    is_ended_ = true;
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + result.signal;
    result.out = out();
    result.err = err();
    return result;
  }

 private:
  static std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    for (const std::string& text : strings)
      pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
  }
  static std::vector<std::string> variables_of(const RunOptions& options) {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string text(*entry);
      const auto end = text.find('=');
      if (end != std::string::npos) variables[text.substr(0, end)] = text.substr(end + 1);
    }
    for (const std::string& name : options.unset)
      variables.erase(name);
    for (const auto& [name, value] : options.environment)
      variables[name] = value;
    std::vector<std::string> entries;
    for (const auto& [name, value] : variables)
      entries.push_back(name + "=" + value);
    return entries;
  }

  TempDir files_;
  pid_t pid_ = 0;
  bool is_ended_ = false;
};

// Runs a program to its end: argv[0] is looked up in PATH.
inline RunResult run_program(const std::vector<std::string>& argv, const RunOptions& options = {}) {
  RunningProgram program(argv, options);
  return program.wait(options.timeout);
}

}  // namespace konductor::test
