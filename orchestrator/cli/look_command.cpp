// SPDX-License-Identifier: MIT
#include "cli/look_command.hpp"

#include "base/overloaded.hpp"
#include "cli/cost_command.hpp"
#include "cli/explain_command.hpp"
#include "cli/log_command.hpp"
#include "cli/runs_command.hpp"

namespace konductor::cli {

int run_look_command(const LookCommand& command, const CommonOptions& common,
                     Surroundings& around) {
  return std::visit(
      Overloaded{
          [&](const LogOptions& options) { return run_log_command(options, common, around); },
          [&](const ExplainOptions& options) {
            return run_explain_command(options, common, around);
          },
          [&](const CostOptions& options) { return run_cost_command(options, common, around); },
          [&](const RunsOptions& options) { return run_runs_command(options, common, around); },
      },
      command);
}

bool is_paged(const Command& command, const CommonOptions& common) {
  if (common.is_json) return false;
  if (const auto* look = std::get_if<LookCommand>(&command)) {
    const auto* log = std::get_if<LogOptions>(look);
    return log == nullptr || !log->is_following;  // What goes on is read as it comes.
  }
  return std::holds_alternative<StatusOptions>(command) ||
         std::holds_alternative<ShowOptions>(command) ||
         std::holds_alternative<DiffOptions>(command);
}

}  // namespace konductor::cli
