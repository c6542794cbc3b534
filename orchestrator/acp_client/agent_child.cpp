// SPDX-License-Identifier: MIT
#include "acp_client/agent_child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "acp_client/descriptor.hpp"
#include "base/text.hpp"

namespace konductor::acp_client {

namespace asio = boost::asio;

namespace {

struct Ends {
  Descriptor read;
  Descriptor write;
};

Result<Ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return error_from_errno(errno, "making a pipe");
  return Ends{Descriptor(ends[0]), Descriptor(ends[1])};
}

// Runs the program with these ends as its standard input and output and signals as at first.
int spawn(pid_t& pid, const std::vector<std::string>& argv, int input, int output) {
  std::vector<char*> words;
  for (const std::string& word : argv)
    words.push_back(const_cast<char*>(word.c_str()));  // exec's signature predates const.
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  sigset_t signals;
  ::sigemptyset(&signals);
  ::posix_spawnattr_setsigmask(&attributes, &signals);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM})
    ::sigaddset(&signals, signal);
  ::posix_spawnattr_setsigdefault(&attributes, &signals);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error =
      ::posix_spawnp(&pid, words.front(), &actions, &attributes, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

AgentChild::AgentChild(const asio::any_io_executor& executor)
    : output_(executor), input_(executor), pidfd_(executor) {}

AgentChild::~AgentChild() {
  if (pid_ == 0) return;
  send(SIGKILL);
  reap();
}

Result<std::unique_ptr<AgentChild>> AgentChild::start(const asio::any_io_executor& executor,
                                                      const std::vector<std::string>& argv) {
  KON_TRY(Ends to_agent, make_pipe());
  KON_TRY(Ends from_agent, make_pipe());
  auto child = std::make_unique<AgentChild>(executor);
  const int error = spawn(child->pid_, argv, to_agent.read.number(), from_agent.write.number());
  if (error != 0) {
    child->pid_ = 0;
    return Error{ErrorCode::environment,
                 error_from_errno(error, "cannot start " + quote(argv.front())).message};
  }
  Descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, child->pid_, 0U)));
  if (pidfd.number() < 0) return error_from_errno(errno, "watching the agent");
  child->pidfd_.assign(pidfd.release());
  child->input_.assign(to_agent.write.release());
  child->output_.assign(from_agent.read.release());
  return child;
}

asio::awaitable<void> AgentChild::wait() {
  const auto token = asio::as_tuple(asio::use_awaitable);
  const auto [error] = co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, token);
  if (!error) reap();
}

void AgentChild::send(int signal) const {
  if (pid_ != 0) ::kill(pid_, signal);
}

void AgentChild::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  fate_ = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                              : "exit " + std::to_string(WEXITSTATUS(status));
}

}  // namespace konductor::acp_client
