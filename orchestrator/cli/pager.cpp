// SPDX-License-Identifier: MIT
#include "cli/pager.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <iostream>

#include "base/text.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/role_resolution.hpp"

namespace konductor::cli {
namespace {

bool has_variable(const std::vector<std::string>& environment, const std::string& name) {
  return std::any_of(environment.begin(), environment.end(),
                     [&](const std::string& entry) { return entry.rfind(name + "=", 0) == 0; });
}

// A word of a shell's may be anything; a plain name that is nowhere is a mistake.
bool is_missing_program(const std::string& command, const std::vector<std::string>& environment) {
  const std::string word = command.substr(0, command.find(' '));
  const bool is_plain = std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '.' || c == '_' || c == '-';
  });
  return is_plain && !word.empty() && driver::find_program(word, environment).empty();
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words)
    all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

// While a pager has the terminal, Ctrl-C is for it. A shell's job control goes on.
void leave_interrupts_to_pager() {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGQUIT, SIG_IGN);
}

}  // namespace

std::string pager_command(const std::vector<std::string>& environment) {
  if (has_variable(environment, "PAGER")) {
    const std::string value = driver::environment_value(environment, "PAGER");
    const std::string wanted(trim(value));
    return wanted == "cat" || is_missing_program(wanted, environment) ? std::string() : wanted;
  }
  return driver::find_program("less", environment).empty() ? "" : "less";
}

std::vector<std::string> pager_environment(std::vector<std::string> environment) {
  if (!has_variable(environment, "LESS")) environment.emplace_back("LESS=FRX");
  if (!has_variable(environment, "LV")) environment.emplace_back("LV=-c");
  return environment;
}

Pager::Pager(Surroundings& around) : around_(around) {
  const std::string terminal = driver::environment_value(around.environment, "TERM");
  const bool is_simple = terminal.empty() || terminal == "dumb";  // Pagers only complain of it.
  if (!around.is_output_terminal || is_simple || &around.out != &std::cout) return;
  const std::string command = pager_command(around.environment);
  if (!command.empty()) start(command, pager_environment(around.environment));
}

void Pager::start(const std::string& command, const std::vector<std::string>& environment) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  std::vector<std::string> words = {"/bin/sh", "-c", command};
  std::vector<std::string> variables = environment;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t restored;
  ::sigemptyset(&restored);
  ::sigaddset(&restored, SIGPIPE);  // The program ignores it; the pager need not.
  ::posix_spawnattr_setsigdefault(&attributes, &restored);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int failed = ::posix_spawn(&pid_, "/bin/sh", &actions, &attributes, pointers(words).data(),
                                   pointers(variables).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[0]);
  if (failed != 0) {
    pid_ = -1;
  } else {
    leave_interrupts_to_pager();
    around_.out.flush();
    terminal_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    ::dup2(ends[1], STDOUT_FILENO);
  }
  ::close(ends[1]);
}

Pager::~Pager() {
  if (pid_ < 0) return;
  around_.out.flush();
  // Whoever stopped reading has seen enough: that is no error.
  around_.out.clear();
  if (terminal_ >= 0) {
    ::dup2(terminal_, STDOUT_FILENO);
    ::close(terminal_);
  } else {
    ::close(STDOUT_FILENO);
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGQUIT, SIG_DFL);
}

}  // namespace konductor::cli
