// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "cli/lock_holder.hpp"
#include "cli/phase_view.hpp"

namespace konductor::cli {

// Everything that `konductor status` tells of a phase.
struct StatusView {
  std::string project;  // Name, as state.toml has it.
  std::string phase;    // Short name, "01".
  std::string directory_name;
  std::string step;  // As state.toml has it, when it is at this phase; else "".
  std::size_t plan_errors = 0;
  PhaseProgress progress;
  std::optional<LockHolder> holder;  // The engine that runs the phase now.
};

// For people, in words and a table; ends with a line break.
std::string status_text(const StatusView& view);
nlohmann::ordered_json status_json(const StatusView& view);

// What to do next, as one sentence with its command.
std::string next_step(const StatusView& view);

}  // namespace konductor::cli
