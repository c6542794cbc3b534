// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/output.hpp"
#include "engine/run_ledger.hpp"

namespace konductor::cli {

// `konductor runs [PHASE]` and `konductor runs diff [BEFORE [AFTER]]`. Changes nothing. Returns the
// exit code.
int run_runs_command(const RunsOptions& options, const CommonOptions& common, Surroundings& around);

// The runs of a phase, oldest first.
struct RunsView {
  std::string phase;
  std::vector<engine::RunRecord> runs;
  std::string live_run;  // The one that an engine works at now; "" without one.
};

// "complete", "running" or "cut_off".
std::string outcome_of(const RunsView& view, const engine::RunRecord& run);

// For people; ends with a line break.
std::string runs_text(const RunsView& view, const Paint& paint);
// schemas/runs.schema.json
nlohmann::ordered_json runs_json(const RunsView& view);

// The run whose id has that part. Errors (`invalid_input`): none has, or several have.
Result<const engine::RunRecord*> find_run(const RunsView& view, const std::string& part);

struct RunsDiff {
  std::string phase;
  const engine::RunRecord* before = nullptr;
  const engine::RunRecord* after = nullptr;
  std::vector<engine::TaskChange> changes;
};

std::string runs_diff_text(const RunsView& view, const RunsDiff& diff, const Paint& paint);
// schemas/runs-diff.schema.json
nlohmann::ordered_json runs_diff_json(const RunsView& view, const RunsDiff& diff);

}  // namespace konductor::cli
