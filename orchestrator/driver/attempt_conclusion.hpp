// SPDX-License-Identifier: MIT
#pragma once

#include "driver/attempt.hpp"
#include "driver/attempt_documents.hpp"

namespace konductor::driver {

// Looks at what an attempt left when its processes are gone: its document, protected things, the
// tree. What it may not have done is undone. Runs on the work pool.
class AttemptConclusion {
 public:
  explicit AttemptConclusion(RunShared& shared) : shared_(shared) {}

  // The error is one that ends the engine: a tree cannot be reset, a file not be written.
  Result<Report> conclude(const Attempt& attempt, AttemptEnding ending);

 private:
  struct Handed {
    std::string text;
    Result<AcceptedDocument> accepted = Error{ErrorCode::not_found, "it was not looked for"};
  };

  Result<void> redact_directory(const Attempt& attempt) const;
  Handed take_document(const Attempt& attempt, const agent::OutcomeFacts& facts) const;
  Handed read_document(const Attempt& attempt, const std::string& text) const;
  Handed typed_answer(const Attempt& attempt, const agent::OutcomeFacts& facts) const;
  void predict_conflicts(const Attempt& attempt, engine::AttemptEnded& ended) const;
  Result<void> conclude_executor(const Attempt& attempt, engine::AttemptEnded& ended);
  Result<std::string> links_out(const Attempt& attempt, const std::string& commit) const;
  Result<void> conclude_reader(const Attempt& attempt, engine::AttemptEnded& ended);
  Result<void> make_sure_of_workspace(const Attempt& attempt);
  Result<std::vector<std::string>> put_back_in_workspace(const Attempt& attempt);
  Result<std::vector<std::string>> put_back_shared(const Attempt& attempt);
  Result<void> record(const Attempt& attempt, const engine::AttemptEnded& ended,
                      const std::string& document) const;
  Result<void> write_exit_record(const Attempt& attempt, const engine::AttemptEnded& ended) const;

  RunShared& shared_;
};

}  // namespace konductor::driver
