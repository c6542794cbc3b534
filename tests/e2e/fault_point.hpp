// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "e2e/scenario.hpp"

// System calls of the program that fail (fault_point.c).
namespace e2e {

struct Fault {
  std::string call;
  long value = 0;  // errno, or the seconds that the clock is set forward.
  std::string path = {};
  long at = 1;
  long count = 0;  // 0: all from there on.
};

inline std::filesystem::path fault_log_of(const Scenario& scenario) {
  return scenario.home() / "fault-point.txt";
}

// From now on calls of programs fail.
inline void break_calls(Scenario& scenario, const Fault& fault) {
  scenario.with_environment("LD_PRELOAD", KONDUCTOR_FAULT_POINT);
  scenario.with_environment("ASAN_OPTIONS", "verify_asan_link_order=0");
  scenario.with_environment("FAULT_POINT_CALL", fault.call);
  scenario.with_environment("FAULT_POINT_PATH", fault.path);
  scenario.with_environment("FAULT_POINT_AT", std::to_string(fault.at));
  scenario.with_environment("FAULT_POINT_COUNT", std::to_string(fault.count));
  scenario.with_environment("FAULT_POINT_VALUE", std::to_string(fault.value));
  scenario.with_environment("FAULT_POINT_LOG", fault_log_of(scenario));
}

inline void mend_calls(Scenario& scenario) {
  scenario.with_environment("LD_PRELOAD", "");
  scenario.with_environment("FAULT_POINT_CALL", "");
}

// "17 write .../konductor.db-wal": the last call that was counted.
inline std::string last_fault(const Scenario& scenario) {
  return scenario.read(fault_log_of(scenario));
}

}  // namespace e2e
