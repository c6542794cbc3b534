// SPDX-License-Identifier: MIT
#pragma once

#include "driver/run_shared.hpp"

namespace konductor::driver {

// Writes what people find under `.konductor`: summaries and reviews of tasks, plan summaries,
// results, state.toml. All of it can be made again from the journal.
class MarkerWriter {
 public:
  explicit MarkerWriter(RunShared& shared) : shared_(shared) {}

  // Files the documents of a settled task (or, for the phase's own address, the holistic review).
  Task<Result<Report>> file_task(TaskAddress address);
  // Files a complete plan's summary and result.
  Task<Result<Report>> file_plan(int plan);
  // Takes away the markers of a task that runs again, so that nothing calls it complete.
  Result<void> remove_task_markers(const TaskAddress& address);
  Result<void> remove_plan_summary(int plan);
  // `.results/` of a plan that ended without being complete.
  Result<void> write_result(int plan);
  // Brings state.toml up to date: `step` is "executing" or "executed".
  Result<void> write_state(std::string_view step);

 private:
  struct Marker {
    std::string name;  // In the phase's directory.
    std::string text;
  };
  // On disk when it returns, before the journal says so: a marker that is filed and missing would
  // be one that a person removed. Returns their names.
  Task<Result<std::vector<std::string>>> put(std::vector<Marker> markers);
  std::string now_text() const;

  RunShared& shared_;
};

}  // namespace konductor::driver
