// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace konductor::platform {

// Tells when files are written to, by one inotify instance for all. A file is watched only while
// somebody waits, so busy files that nobody asks about cost nothing.
class OutputWatch {
 public:
  explicit OutputWatch(const boost::asio::any_io_executor& executor);
  OutputWatch(const OutputWatch&) = delete;
  OutputWatch& operator=(const OutputWatch&) = delete;

  // One wait for a write to any of some files. Watches from construction on, so that the caller can
  // look at the sizes between that and `written()`.
  class Wait {
   public:
    Wait(OutputWatch& watch, const std::vector<std::string>& paths);
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait();

    // Returns after a write to one of the files (or, where the system gives no more watches, after
    // a short while). Throws operation_aborted when cancelled.
    boost::asio::awaitable<void> written();

   private:
    friend class OutputWatch;
    void notify();

    OutputWatch& watch_;
    boost::asio::steady_timer timer_;
    std::vector<int> watches_;
    bool is_complete_ = true;
    bool is_notified_ = false;
  };

 private:
  void listen();
  void read_events();

  boost::asio::posix::stream_descriptor inotify_;
  std::multimap<int, Wait*> waits_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // Tells late completions.
  bool is_listening_ = false;
};

}  // namespace konductor::platform
