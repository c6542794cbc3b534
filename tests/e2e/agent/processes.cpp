// SPDX-License-Identifier: MIT
// Behaviours of the executor that concern its process: how it ends, prints, hangs and forks.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "e2e/agent/executor.hpp"

namespace fake {

namespace {

// Notes a process in a place where later attempts see whether it still lives.
void remember_child(const Agent& agent) {
  write_text(agent.directory / "children" / std::to_string(::getpid()), agent.name());
}

// Starts a process that lives on; returns when it stands.
template <class Body>
void start_child(const Agent& agent, Body body) {
  int ready[2] = {-1, -1};
  if (::pipe2(ready, O_CLOEXEC) != 0) std::_Exit(9);
  const pid_t child = ::fork();
  if (child < 0) std::_Exit(9);
  if (child == 0) {
    ::close(ready[0]);
    body(agent);
    remember_child(agent);
    ::close(ready[1]);
    hang();
  }
  ::close(ready[1]);
  char end = 0;
  while (::read(ready[0], &end, 1) > 0) {
  }
  ::close(ready[0]);
}

void close_standard_streams() {
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {0, 1, 2})
    ::dup2(nothing, stream);
}

void flood(int stream) {
  const std::string block(1U << 20U, 'x');
  while (::write(stream, block.data(), block.size()) > 0) {
  }
}

volatile std::sig_atomic_t g_signal = 0;

}  // namespace

int crash(Agent& agent) {
  do_honest_work(agent);
  return 7;
}

int die_by_signal(Agent& agent) {
  do_honest_work(agent);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::raise(SIGSEGV);
  return 9;
}

int hang_quietly(Agent& agent) {
  log_line(agent, "hanging");
  hang();
}

int stall(Agent& agent) {
  std::printf("working\n");
  std::fflush(stdout);
  log_line(agent, "hanging");
  hang();
}

int talk(Agent& agent) {
  for (int round = 0; round < 20; ++round) {
    std::printf("still working\n");
    std::fflush(stdout);
    linger(100);
  }
  return do_honest_work(agent);
}

int ignore_signals(Agent& agent) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    std::signal(signal, SIG_IGN);
  start_child(agent, [](const Agent&) {});
  log_line(agent, "hanging");
  hang();
}

int end_on_signal(Agent& agent) {
  struct sigaction action {};
  action.sa_handler = [](int signal) { g_signal = signal; };
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    ::sigaction(signal, &action, nullptr);
  log_line(agent, "hanging");
  while (g_signal == 0)
    linger(50);
  log_line(agent, "signalled", "\"signal\":" + std::to_string(g_signal));
  return 1;
}

int flood_stdout(Agent&) {
  flood(1);
  return 9;
}

int flood_stderr(Agent&) {
  flood(2);
  return 9;
}

int print_much(Agent& agent) {
  const std::string block(1U << 20U, 'x');
  for (int round = 0; round < 4; ++round)
    if (::write(1, block.data(), block.size()) < 0) return 9;
  return do_honest_work(agent);
}

int leave_child_with_stdout(Agent& agent) {
  start_child(agent, [](const Agent&) {});
  return do_honest_work(agent);
}

int leave_child_in_own_session(Agent& agent) {
  start_child(agent, [](const Agent&) {
    ::setsid();
    // The classic way into the background: the session's leader goes, its child stays.
    const pid_t daemon = ::fork();
    if (daemon != 0) std::_Exit(0);
    std::signal(SIGTERM, SIG_IGN);
    close_standard_streams();
  });
  return do_honest_work(agent);
}

int leave_child_without_environment(Agent& agent) {
  start_child(agent, [](const Agent& parent) {
    ::setsid();
    const pid_t daemon = ::fork();
    if (daemon != 0) std::_Exit(0);
    remember_child(parent);
    close_standard_streams();
    // Nothing in it tells any more where it came from.
    ::execle("/bin/sleep", "sleep", "600", nullptr, static_cast<char* const*>(nullptr));
    std::_Exit(9);
  });
  return do_honest_work(agent);
}

}  // namespace fake
