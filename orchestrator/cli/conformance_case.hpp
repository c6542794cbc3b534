// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "config/config.hpp"
#include "conformance/lie.hpp"
#include "driver/project.hpp"

namespace konductor::cli {

// Whose settings the cases are played with.
struct ConformanceSetting {
  const driver::ProjectLayout& layout;  // Of the project whose configuration holds.
  const CommonOptions& common;
  const config::RuntimeSettings& runtime;
  std::string runtime_name;
  const Surroundings& around;
};

struct ConformanceCase {
  std::string name;
  bool is_lie = false;
  std::string script;  // "": the runtime itself works at it.
  conformance::Task task;
  bool may_complete = true;  // Else an end as complete is what must not be.
};

struct ConformanceEnd {
  conformance::Seen seen;
  int exit = -1;
  int signal = 0;  // The person's who interrupted it.
  bool has_held = false;
  double seconds = 0;
  std::string detail;  // Why it has not held.
  std::string folder;  // What is kept of it then.
};

// Plays one case in a repository of its own in a temporary folder, with this program's `execute`
// and the project's configuration. All it started has ended then. What has held leaves nothing.
Result<ConformanceEnd> play_case(const ConformanceSetting& setting, const ConformanceCase& played);

}  // namespace konductor::cli
