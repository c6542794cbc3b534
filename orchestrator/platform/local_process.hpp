// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/output_watch.hpp"
#include "platform/process_tree.hpp"
#include "ports/process_launcher.hpp"

namespace konductor::platform {

// Ends, with SIGKILL, every process that `root`'s attempt has (with `root.is_child` false: every
// process that carries its token), looking again until none is left. Returns how many there were
// besides the root. Error `io` when one does not end in ten seconds. Not interrupted by cancelling.
boost::asio::awaitable<Result<int>> kill_attempt(const ProcessTree& tree, TreeRoot& root);

// A process that this program started or adopted.
class LocalProcess final : public ports::Process {
 public:
  // `output_paths` are the files that stdout and stderr go to.
  LocalProcess(const boost::asio::any_io_executor& executor, ProcessTree& tree, OutputWatch& watch,
               TreeRoot root, UniqueFd pidfd, std::vector<std::string> output_paths);
  // Kills what is left of the group, without waiting, when kill_tree() was not called.
  ~LocalProcess() override;

  // It is a supervisor that writes to `record`, and `program` what it starts.
  void supervise(std::string record, std::string program);

  // Its processes are in this cgroup, which is removed when they have ended.
  void hold_in(std::string cgroup) { cgroup_ = std::move(cgroup); }

  ports::ProcessIdentity identity() const override;
  std::optional<std::chrono::milliseconds> age() const override;
  boost::asio::awaitable<Result<ports::ProcessExit>> wait() override;
  void interrupt() override;
  void signal_tree(int signal) override;
  boost::asio::awaitable<Result<int>> kill_tree() override;
  void abandon() override;
  CeilingsMet ceilings_met() const override { return met_; }
  std::uint64_t memory() const override;
  std::uint64_t output_bytes() const override;
  boost::asio::awaitable<void> output_grew() override;

 private:
  // Looks, without waiting and without reaping, whether the process has ended.
  bool look_for_exit();
  void forget();
  boost::asio::awaitable<Result<int>> kill_all();
  [[nodiscard]] Result<ports::ProcessExit> ending() const;

  ProcessTree& tree_;
  OutputWatch& watch_;
  TreeRoot root_;
  boost::asio::posix::stream_descriptor pidfd_;
  std::vector<std::string> output_paths_;
  std::string cgroup_;
  CeilingsMet met_;
  std::string record_;  // Of its supervisor's.
  std::string program_;
  mutable std::uint64_t start_time_ = 0;
  std::uint64_t output_seen_ = 0;
  std::optional<ports::ProcessExit> exit_;
  bool is_forgotten_ = false;
};

}  // namespace konductor::platform
