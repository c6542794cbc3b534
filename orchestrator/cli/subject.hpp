// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "cli/phase_view.hpp"

namespace konductor::cli {

// What a command is asked about: a phase, one of its plans, or one of its tasks.
struct Subject {
  ChosenPhase chosen;
  std::optional<int> plan;
  std::optional<TaskAddress> task;

  std::string text() const;
};

// How "1/2" is read where there is a phase 01: as plan 2 of it, or as task 2 of plan 1. What names
// the phase in full ("01/002") is a plan's address for both.
enum class ShortAddress { plan, task };

// "01", "01/002", "01/002/3", "01/holistic"; "" is the phase that state.toml is at. Errors
// (`invalid_input`) name the forms there are, or the phases.
Result<Subject> find_subject(const ports::FileStore& files, const CommonOptions& common,
                             const std::string& text, ShortAddress short_address);

}  // namespace konductor::cli
