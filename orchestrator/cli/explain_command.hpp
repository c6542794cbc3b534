// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/output.hpp"
#include "engine/explanation.hpp"

namespace konductor::cli {

// `konductor explain 01/002/3`: why a task or a plan ran, was skipped or is not complete, and what
// the next run does with it. Changes nothing. Returns the exit code: 2 when there is no such thing.
int run_explain_command(const ExplainOptions& options, const CommonOptions& common,
                        Surroundings& around);

// For people: a sentence, then each cause with its evidence below it; ends with a line break.
std::string explanation_text(const engine::Explanation& explanation, const Paint& paint);
// schemas/explain.schema.json
nlohmann::ordered_json explanation_json(const engine::Explanation& explanation);

}  // namespace konductor::cli
