// SPDX-License-Identifier: MIT
#pragma once

#include "agent/prompt.hpp"
#include "driver/attempt.hpp"
#include "driver/attempt_monitor.hpp"

namespace konductor::driver {

// Performs one attempt from a clean tree to a typed outcome: prompt, process, limits, document, and
// what the attempt left behind. Nothing it started is alive when `run` returns.
class AttemptRunner {
 public:
  explicit AttemptRunner(RunShared& shared) : shared_(shared) {}

  // The error is one that ends the engine: no process can be started, a tree cannot be reset.
  Task<Result<Report>> run(engine::command::start_attempt command);

 private:
  Task<Result<void>> open_copy(engine::command::start_attempt command);
  Report not_started(const engine::command::start_attempt& command) const;
  Task<Result<Report>> conclude(Attempt& attempt, AttemptMonitor& monitor,
                                Result<AttemptEnding>& ending);
  Task<Result<Report>> run_adopted(engine::command::start_attempt command);
  Task<Result<void>> take_over(Attempt& attempt);
  Task<Result<AttemptEnding>> follow_adopted(const Attempt& attempt, AdoptedAttempt adopted,
                                             AttemptMonitor& monitor);
  Task<Result<void>> prepare(Attempt& attempt);
  Result<std::string> stand_at(Attempt& attempt);
  Result<void> bring_back(Attempt& attempt, const std::string& left_over);
  Result<void> write_files(const Attempt& attempt,
                           const std::vector<agent::PromptPart>& prompt) const;
  Result<void> close_left_lease(const Attempt& attempt) const;
  Result<std::optional<std::vector<std::string>>> lease_places(const Attempt& attempt) const;
  Task<Result<AttemptEnding>> run_process(const Attempt& attempt, AttemptMonitor& monitor);
  // Until the process and all that it started has ended, by itself or after `timeout` from now.
  Task<Result<AttemptEnding>> follow(const Attempt& attempt, ports::Process& process,
                                     std::chrono::milliseconds timeout, AttemptMonitor& monitor);
  void note_limits(const Attempt& attempt, const AttemptEnding& ending,
                   engine::AttemptEnded& ended);

  RunShared& shared_;
};

}  // namespace konductor::driver
