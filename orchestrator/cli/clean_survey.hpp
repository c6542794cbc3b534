// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "cli/work_view.hpp"
#include "config/config.hpp"
#include "engine/cleanup.hpp"
#include "platform/file_lock.hpp"
#include "platform/git_cleanup.hpp"

namespace konductor::cli {

// One phase of a project that may have left something.
struct SurveyedPhase {
  ChosenPhase chosen;
  std::map<int, plan::Plan> plans;
  PhaseWork work;
  engine::PhaseStanding standing;
  std::unique_ptr<platform::FileLock> lock;  // None in a dry run, and while an engine has it.
};

// Everything that a clean has to know, found while nobody else changes it.
struct CleanSurvey {
  driver::ProjectLayout layout;
  config::Config config;
  std::map<std::string, SurveyedPhase> phases;       // By what they are called in references.
  std::unique_ptr<platform::GitCleanup> repository;  // None outside of git.
  std::unique_ptr<platform::GitCleanup> store;       // None where nothing ran in place.
  std::vector<engine::Leftover> found;
  bool is_watched = false;  // Some phase is held by an engine.
  std::string named;        // The phase that was asked for; "" is all of them.
};

// Error `busy` when an engine holds the phase that was named. `now` is written into locks.
Result<CleanSurvey> survey(ports::FileStore& files, const CleanOptions& options,
                           const CommonOptions& common, const Surroundings& around,
                           std::int64_t now);

}  // namespace konductor::cli
