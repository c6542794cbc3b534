// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <variant>

namespace konductor::cli {

struct LogOptions {
  std::string address;         // Of a task, a plan or a phase; "" is the newest attempt.
  std::string role;            // --role; "" is any.
  std::optional<int> attempt;  // --attempt
  bool is_following = false;   // --follow
  bool is_raw = false;         // --raw
};

struct ExplainOptions {
  std::string address;  // Of a task or a plan.
};

struct CostOptions {
  std::string phase;
  std::string by;  // plan, role, model or task; "" is none.
};

struct RunsOptions {
  std::string phase;  // "" is the current one.
  bool is_diff = false;
  std::string before;  // Two runs, by their ids or parts of them; "": the newest two.
  std::string after;
};

// Commands that only look at what was recorded.
using LookCommand = std::variant<LogOptions, ExplainOptions, CostOptions, RunsOptions>;

}  // namespace konductor::cli
