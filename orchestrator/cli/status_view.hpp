// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/lock_holder.hpp"
#include "cli/output.hpp"
#include "cli/phase_view.hpp"
#include "engine/cost_sum.hpp"

namespace konductor::cli {

// Everything that `konductor status` tells of a phase.
struct StatusView {
  std::string project;  // Name, as state.toml has it.
  std::string phase;    // Short name, "01".
  std::string directory_name;
  std::string step;  // As state.toml has it, when it is at this phase; else "".
  std::size_t plan_errors = 0;
  PhaseProgress progress;
  std::optional<LockHolder> holder;             // The engine that runs the phase now.
  std::int64_t now = 0;                         // Milliseconds since 1970.
  std::map<TaskAddress, std::int64_t> started;  // When each attempt in flight was.
  std::vector<std::string> waits;               // For limits, and budgets that are reached.
  engine::CostSum cost;                         // Of the newest run.
};

// What the events of a phase tell beside its state: since when attempts run, what they wait for,
// what the newest run cost.
class StatusFold {
 public:
  void apply(const engine::Event& event);
  // Into the view, whose phase, state and `now` are set.
  void finish(StatusView& view) const;

 private:
  std::map<TaskAddress, std::int64_t> started_;
  std::map<std::string, engine::event::quota_waiting> quotas_;  // By runtime, the newest.
  std::vector<engine::event::budget_reached> budgets_;
  engine::CostSum cost_;
};

// For people, in words and a table; ends with a line break.
std::string status_text(const StatusView& view, const Paint& paint = Paint(false));
nlohmann::ordered_json status_json(const StatusView& view);

// What to do next, as one sentence with its command.
std::string next_step(const StatusView& view);

}  // namespace konductor::cli
