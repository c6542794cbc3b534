// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace konductor::records {

// `.konductor/.results/execute-<phase>-plan-<n>.toml`: how a plan ended, for other tools.
struct ExecuteResult {
  std::string phase;
  int plan = 0;
  int wave = 0;
  bool is_ok = false;  // All tasks complete and merged: status "ok", else "error".
  int tasks_total = 0;
  int tasks_completed = 0;
  std::string timestamp;  // RFC 3339.
  friend bool operator==(const ExecuteResult&, const ExecuteResult&) = default;
};

// "execute-01-plan-1.toml".
std::string results_file_name(std::string_view phase, int plan);
std::string to_toml(const ExecuteResult& result);
// Error `invalid_input` when a key is missing or has the wrong type; other keys are passed over.
Result<ExecuteResult> parse_execute_result(std::string_view text);

}  // namespace konductor::records
