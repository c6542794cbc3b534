// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"

namespace konductor::cli {

// What `plan check` found as a SARIF 2.1.0 log, for tools that show findings beside the lines.
// `prefix` leads from the repository's root to the project, to which paths of the findings are
// relative: "" or "services/api/".
nlohmann::ordered_json sarif_log(const std::vector<plan::Diagnostic>& diagnostics,
                                 std::string_view prefix);

}  // namespace konductor::cli
