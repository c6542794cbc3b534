// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>
#include <unordered_map>

#include "platform/output_watch.hpp"
#include "platform/process_tree.hpp"
#include "platform/spawn.hpp"
#include "ports/process_launcher.hpp"

namespace konductor::platform {

// Starts processes on this machine. Boost.Process finds the programs; start and wait are our own
// (see spawn.hpp): Boost 1.81's can block the loop.
//
// Makes the program a subreaper and reaps every child that dies, so nothing else in the program may
// start processes and wait for them. One at a time, used on the loop's thread only, and living
// longer than its processes and the loop's work.
class BoostProcessLauncher final : public ports::ProcessLauncher {
 public:
  explicit BoostProcessLauncher(boost::asio::any_io_executor executor);

  Result<std::unique_ptr<ports::Process>> start(const ports::ProcessSpec& spec) override;
  // The exit of an adopted process is not known to anybody but its parent: its wait() gives
  // ProcessExit{-1, 0}. Its output is counted in the files that its stdout and stderr go to.
  Result<std::unique_ptr<ports::Process>> adopt(const ports::ProcessIdentity& identity) override;
  boost::asio::awaitable<Result<int>> sweep(std::string token) override;
  boost::asio::awaitable<Result<int>> end_cgroup(std::string directory,
                                                 std::set<std::string> kept) override;

 private:
  Result<std::string> find_program(const ports::ProcessSpec& spec);

  boost::asio::any_io_executor executor_;
  Spawner spawner_;
  ProcessTree tree_;
  OutputWatch output_watch_;
  std::unordered_map<std::string, std::string> programs_;  // By PATH and name.
};

}  // namespace konductor::platform
