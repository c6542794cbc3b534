// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <functional>
#include <memory>

namespace konductor::platform {

// Calls a function on the loop after children died, once for many. At most one at a time: the
// signal is the process's.
class ChildSignal {
 public:
  ChildSignal(const boost::asio::any_io_executor& executor, std::function<void()> on_death);
  ChildSignal(const ChildSignal&) = delete;
  ChildSignal& operator=(const ChildSignal&) = delete;
  ~ChildSignal();

  // From now on the function is called; this keeps the loop running.
  void listen();
  // Lets the loop end. A death that is not yet told is told after the next listen().
  void pause();

 private:
  boost::asio::posix::stream_descriptor event_;
  std::function<void()> on_death_;
  struct sigaction before_ = {};
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // Tells late completions.
  bool is_wanted_ = false;
  bool is_waiting_ = false;
};

}  // namespace konductor::platform
