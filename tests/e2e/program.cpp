// SPDX-License-Identifier: MIT
// Starting programs and waiting for them.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "e2e/scenario.hpp"

namespace e2e {

namespace fs = std::filesystem;

namespace {

double now_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::vector<char*> pointers(Words& words) {
  std::vector<char*> list;
  for (std::string& word : words)
    list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

std::string read_whole(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// The child's half of a start: nothing of the tests' own signals and descriptors goes along.
[[noreturn]] void become(char** argv, char** environment, const char* directory, int out, int err) {
  ::setpgid(0, 0);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGQUIT})
    ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0 ||
      ::chdir(directory) != 0)
    ::_exit(126);
  ::close_range(3, ~0U, 0);
  ::execvpe(argv[0], argv, environment);
  ::_exit(127);
}

}  // namespace

Program::Program(const Words& argv, const Words& environment, const fs::path& directory,
                 const fs::path& outputs)
    : outputs_(outputs), started_(now_seconds()) {
  fs::create_directories(outputs);
  Words words = argv;
  Words variables = environment;
  const auto argument_list = pointers(words);
  const auto variable_list = pointers(variables);
  const std::string where = directory;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int out = ::open((outputs / "stdout").c_str(), flags, 0644);
  const int err = ::open((outputs / "stderr").c_str(), flags, 0644);
  pid_ = ::fork();
  if (pid_ == 0)
    become(const_cast<char**>(argument_list.data()), const_cast<char**>(variable_list.data()),
           where.c_str(), out, err);
  ::close(out);
  ::close(err);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  ::setpgid(pid_, pid_);
}

Program::~Program() {
  if (is_reaped_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, &status_, 0);
}

void Program::send(int signal) const {
  ::kill(pid_, signal);
}

bool Program::is_running() {
  if (!is_reaped_ && ::waitpid(pid_, &status_, WNOHANG) == pid_) is_reaped_ = true;
  return !is_reaped_;
}

Ended Program::wait(int seconds) {
  bool is_hung = false;
  if (is_running()) {
    const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    pollfd ready{descriptor, POLLIN, 0};
    is_hung = ::poll(&ready, 1, seconds * 1000) == 0;
    ::close(descriptor);
    if (is_hung) ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    is_reaped_ = true;
  }
  Ended ended;
  ended.exit = WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
  ended.out = read_whole(outputs_ / "stdout");
  ended.err = read_whole(outputs_ / "stderr");
  ended.seconds = now_seconds() - started_;
  UNSCOPED_INFO("exit " << ended.exit << "\nstdout:\n"
                        << ended.out.substr(0, 4000) << "\nstderr:\n"
                        << ended.err.substr(0, 4000));
  if (is_hung) FAIL("the program did not end within " << seconds << " seconds");
  return ended;
}

bool wait_until(const std::function<bool()>& holds, int seconds) {
  const double deadline = now_seconds() + seconds;
  while (!holds()) {
    if (now_seconds() > deadline) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

Ended run_program(const Words& argv, const Words& environment, const fs::path& directory) {
  static std::atomic<int> count = 0;
  const fs::path outputs =
      fs::temp_directory_path() /
      ("konductor-e2e-run-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
  Ended ended;
  {
    Program program(argv, environment, directory, outputs);
    ended = program.wait();
  }
  fs::remove_all(outputs);
  return ended;
}

}  // namespace e2e
