// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "engine/cost_report.hpp"

namespace konductor::cli {

// `konductor cost [PHASE]`: what a phase cost in all its runs. Changes nothing. Returns the exit
// code.
int run_cost_command(const CostOptions& options, const CommonOptions& common, Surroundings& around);

// What is told of it.
struct CostView {
  std::string phase;
  std::string by;  // "", or what the lines are for.
  std::size_t runs = 0;
  std::size_t running = 0;  // Attempts that have not ended.
  engine::CostLine total;
  std::vector<engine::CostLine> lines;
  std::vector<std::string> unpriced_runtimes;
};

// For people; ends with a line break.
std::string cost_text(const CostView& view, const Paint& paint);
// schemas/cost.schema.json
nlohmann::ordered_json cost_json(const CostView& view);

// "$0.2500"; "?" when nothing of it is known, "$0.2500+?" when more is to come on top.
std::string money_text(const engine::CostSum& sum);
// Tokens and dollars as the documents have them.
nlohmann::ordered_json cost_sum_json(const engine::CostSum& sum);

}  // namespace konductor::cli
