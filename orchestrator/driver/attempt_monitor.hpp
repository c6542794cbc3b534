// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent_stream.hpp"
#include "driver/supervise.hpp"

namespace konductor::driver {

// What an agent may do before it counts as running in circles, and what it may use, as far as it
// tells while it runs; zero is no limit.
struct StepLimits {
  std::int64_t steps = 0;    // Tool calls.
  std::int64_t repeats = 0;  // The same tool call in a row.
  std::int64_t tokens = 0;   // Read and written, without those of a provider's cache.
  double usd = 0;
};

// Reads the stream of a running attempt as it grows, from the file that its output goes to, and
// ends an attempt that passes its limits. A look reads a bounded piece; what an agent prints faster
// than that is read when it is over.
class AttemptMonitor final : public OutputListener {
 public:
  // `directory` holds `stdout.log`, which need not be there yet.
  AttemptMonitor(const config::RuntimeSettings& runtime, const std::filesystem::path& directory,
                 StepLimits limits);
  AttemptMonitor(const AttemptMonitor&) = delete;
  AttemptMonitor& operator=(const AttemptMonitor&) = delete;
  ~AttemptMonitor() override;

  // False for a runtime whose output nobody reads.
  bool is_reading() const { return stream_ != nullptr; }
  bool look() override;
  std::string verdict() const override;
  // Tool calls so far.
  std::int64_t steps() const { return stream_ == nullptr ? 0 : stream_->progress().steps; }
  // The attempt has ended: reads what is left, however much that is. Nothing for a runtime whose
  // output nobody reads. `moment` is now. On any thread.
  std::optional<agent::StreamReport> finish(const agent::Moment& moment = {});

 private:
  std::size_t read_some();

  std::unique_ptr<agent::AgentStream> stream_;
  config::RuntimeSettings runtime_;
  std::filesystem::path path_;
  StepLimits limits_;
  int file_ = -1;
  std::string buffer_;
};

// Several listeners as one.
class OutputListeners final : public OutputListener {
 public:
  // They outlive it.
  explicit OutputListeners(std::vector<OutputListener*> listeners)
      : listeners_(std::move(listeners)) {}
  bool look() override;
  std::string verdict() const override;

 private:
  std::vector<OutputListener*> listeners_;
};

}  // namespace konductor::driver
