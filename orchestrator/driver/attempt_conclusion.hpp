// SPDX-License-Identifier: MIT
#pragma once

#include "driver/attempt.hpp"
#include "driver/attempt_findings.hpp"

namespace konductor::driver {

// Looks at what an attempt left when its processes are gone: its document, protected things, the
// tree. What it may not have done is undone. Runs on the work pool.
class AttemptConclusion {
 public:
  explicit AttemptConclusion(RunShared& shared) : shared_(shared) {}

  // The error is one that ends the engine: a tree cannot be reset, a file not be written.
  Result<Report> conclude(const Attempt& attempt, AttemptEnding ending);

 private:
  Result<std::vector<std::string>> redact_directory(const Attempt& attempt) const;
  void predict_conflicts(const Attempt& attempt, engine::AttemptEnded& ended) const;
  Result<void> conclude_executor(const Attempt& attempt, AttemptFindings& findings,
                                 engine::AttemptEnded& ended);
  Result<std::string> links_out(const Attempt& attempt, const std::string& commit) const;
  Result<void> conclude_reader(const Attempt& attempt, AttemptFindings& findings,
                               engine::AttemptEnded& ended);
  Result<void> undo(const Attempt& attempt, AttemptFindings& findings);
  Result<void> undo_changes(const Attempt& attempt, AttemptFindings& findings);
  Result<void> look_at_original(const Attempt& attempt, AttemptFindings& findings);
  Result<void> make_sure_of_workspace(const Attempt& attempt);
  Result<void> put_back_protected(const Attempt& attempt, AttemptFindings& findings);
  Result<std::vector<std::string>> put_back_in_workspace(const Attempt& attempt);
  Result<std::vector<std::string>> put_back_shared(const Attempt& attempt);
  Result<void> record(const Attempt& attempt, const engine::AttemptEnded& ended,
                      const std::string& document) const;
  Result<void> write_exit_record(const Attempt& attempt, const engine::AttemptEnded& ended) const;
  Result<void> take_output_away(const Attempt& attempt, const std::string& document) const;

  RunShared& shared_;
};

}  // namespace konductor::driver
