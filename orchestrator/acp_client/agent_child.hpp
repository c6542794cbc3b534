// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace konductor::acp_client {

// The agent's process, in this one's group, with pipes for its standard input and output.
class AgentChild {
 public:
  // Errors: `environment` when the program cannot be started, `io` otherwise.
  static Result<std::unique_ptr<AgentChild>> start(const boost::asio::any_io_executor& executor,
                                                   const std::vector<std::string>& argv);
  // One without a process; see start().
  explicit AgentChild(const boost::asio::any_io_executor& executor);
  AgentChild(const AgentChild&) = delete;
  AgentChild& operator=(const AgentChild&) = delete;
  // Kills a process that still runs.
  ~AgentChild();

  // The pipes, once each.
  boost::asio::readable_pipe take_output() { return std::move(output_); }
  boost::asio::writable_pipe take_input() { return std::move(input_); }

  // Returns when the process has ended; what it started may live on. Once.
  boost::asio::awaitable<void> wait();
  // Nothing happens to a process that has ended.
  void send(int signal) const;
  // "exit 1" or "signal 9", after wait().
  [[nodiscard]] const std::string& fate() const { return fate_; }

 private:
  void reap();

  boost::asio::readable_pipe output_;
  boost::asio::writable_pipe input_;
  boost::asio::posix::stream_descriptor pidfd_;
  pid_t pid_ = 0;
  std::string fate_;
};

}  // namespace konductor::acp_client
