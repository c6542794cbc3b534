// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "e2e/scenario.hpp"

// Ending the program at a point that is counted (kill_point.c).
namespace e2e {

inline std::filesystem::path kill_log_of(const Scenario& scenario) {
  return scenario.home() / "kill-point.txt";
}

// From now on programs are killed at their `at`-th point; 0 only counts.
inline void arm(Scenario& scenario, const std::string& points, long at) {
  scenario.with_environment("LD_PRELOAD", KONDUCTOR_KILL_POINT);
  scenario.with_environment("ASAN_OPTIONS", "verify_asan_link_order=0");
  scenario.with_environment("KILL_POINTS", points);
  scenario.with_environment("KILL_POINT_AT", std::to_string(at));
  scenario.with_environment("KILL_POINT_LOG", kill_log_of(scenario));
}

// The same, of the points alone whose path holds `path`.
inline void arm_at_path(Scenario& scenario, const std::string& path, long at) {
  arm(scenario, "all", at);
  scenario.with_environment("KILL_POINT_PATH", path);
}

// The same, but it is stopped there until it is sent SIGCONT.
inline void arm_to_stop(Scenario& scenario, const std::string& points, long at) {
  arm(scenario, points, at);
  scenario.with_environment("KILL_POINT_SIGNAL", "stop");
}

inline void disarm(Scenario& scenario) {
  for (const char* name : {"LD_PRELOAD", "KILL_POINTS", "KILL_POINT_PATH", "KILL_POINT_AT",
                           "KILL_POINT_SIGNAL", "KILL_POINT_LOG"})
    scenario.with_environment(name, "");
}

// "17 after rename .../state.toml"
inline std::string last_point(const Scenario& scenario) {
  return scenario.read(kill_log_of(scenario));
}

}  // namespace e2e
