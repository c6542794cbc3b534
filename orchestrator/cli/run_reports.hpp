// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/report_facts.hpp"
#include "ports/file_store.hpp"
#include "ports/journal.hpp"
#include "ports/run_observer.hpp"

namespace konductor::cli {

// The files that `execute` leaves for others to read: `--junit`, `--summary`, and GitHub's summary
// of the step where there is one. Follows the run for what the tasks took.
class RunReports final : public ports::RunObserver {
 public:
  // `directory` is where the program was to start: paths are seen from there.
  RunReports(const ExecuteOptions& options, const std::string& directory,
             const std::vector<std::string>& environment);

  [[nodiscard]] bool is_wanted() const;
  // Error `invalid_input` for what cannot become a file: better before the work than after it.
  [[nodiscard]] Result<void> check() const;
  void on_event(const engine::Event& event) override { ledger_.apply(event); }
  // Replaces the files, each in one step. `state` is what the plans hold when there was no run,
  // `journal` null then. Errors name the file.
  [[nodiscard]] Result<void> write(ports::FileStore& files, const ResultDocument& document,
                                   const engine::RunState& state,
                                   const ports::Journal* journal) const;

 private:
  std::string junit_;  // Paths; "": not wanted.
  std::string summary_;
  std::string step_summary_;  // Others write to it, too: it is added to.
  engine::RunLedger ledger_;
};

}  // namespace konductor::cli
