// SPDX-License-Identifier: MIT
#pragma once

#include "driver/attempt_environment.hpp"
#include "driver/run_shared.hpp"

namespace konductor::driver {

// Performs one attempt from a clean tree to a typed outcome: prompt, process, limits, document, and
// what the attempt left behind. Nothing it started is alive when `run` returns.
class AttemptRunner {
 public:
  explicit AttemptRunner(RunShared& shared) : shared_(shared) {}

  // The error is one that ends the engine: no process can be started, a tree cannot be reset.
  Task<Result<Report>> run(engine::command::start_attempt command);

 private:
  // What happened to the process, before anybody looked at its work.
  struct Ending {
    std::string cause;
    std::string detail;
    ports::ProcessExit exit;
    double seconds = 0;
  };
  // Facts that are fixed when the attempt begins.
  struct Attempt {
    engine::command::start_attempt command;
    std::string name;
    AttemptPaths paths;
    std::string head;  // Commit the tree stands at before and, for readers, after.
    ports::GuardState guard;
    PlanTree* tree = nullptr;
    std::string commit_message;
    std::string plan_text;  // The plan file, and the sub-tasks that a split added.
  };

  Attempt make_attempt(const engine::command::start_attempt& command) const;
  Task<Result<void>> prepare(Attempt& attempt);
  Result<void> stand_at(Attempt& attempt);
  Result<void> write_files(const Attempt& attempt, const std::string& prompt) const;
  Task<Result<Ending>> run_process(const Attempt& attempt);
  Ending classify(const Attempt& attempt, const Supervised& supervised) const;
  Result<Report> conclude(const Attempt& attempt, Ending ending);
  Result<void> conclude_executor(const Attempt& attempt, engine::AttemptEnded& ended);
  Result<void> conclude_reader(const Attempt& attempt, engine::AttemptEnded& ended);
  Result<std::vector<std::string>> put_back_in_workspace(const Attempt& attempt);
  Result<std::vector<std::string>> put_back_shared(const Attempt& attempt);
  Result<void> record(const Attempt& attempt, const engine::AttemptEnded& ended,
                      const std::string& document) const;
  Result<void> write_exit_record(const Attempt& attempt, const engine::AttemptEnded& ended) const;
  Result<void> put_tree_back(const Attempt& attempt);

  RunShared& shared_;
};

// Last lines of a file, for messages; "" when there is none.
std::string tail_of_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace konductor::driver
