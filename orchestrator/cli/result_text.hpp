// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <ostream>
#include <string>

#include "cli/output.hpp"
#include "cli/result_json.hpp"

namespace konductor::cli {

// What a person is told in one sentence, without a full stop: "phase 01 is complete".
std::string result_message(const ResultDocument& document);

// What `execute` prints for people at its end: the sentence, where the result is, everything that
// is blocked, failed, skipped or needs a person, where the run's files are and how to go on. Quiet
// leaves out the last two.
void print_result(std::ostream& stream, const Paint& paint, const ResultDocument& document,
                  const std::filesystem::path& run_directory, bool is_quiet);

}  // namespace konductor::cli
