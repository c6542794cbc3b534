// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "engine/outcome.hpp"

namespace konductor::driver {

// The text a role handed in, read from its output path: one regular file, not a link, of at most
// `bytes_max`. Error `not_found` when there is none, `invalid_input` when it is not acceptable.
Result<std::string> read_output(const std::filesystem::path& path, std::uint64_t bytes_max);

struct AcceptedDocument {
  engine::AttemptReport report;
  std::string text;  // As it is filed.
};

// Reads a role's document by what the attempt was for. Error `invalid_input` says what is missing.
Result<AcceptedDocument> accept_document(engine::Action action, std::string_view text);

}  // namespace konductor::driver
