// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/request.hpp"

namespace konductor::driver {

// A request as it lies in the folder that an engine watches: a file "<id>.json".
std::string request_file_name(const std::string& id);
std::string request_file_text(const engine::Request& request);

// Reads such a file. Anybody may have written it: error `invalid_input` says what is wrong.
Result<engine::Request> parse_request_file(std::string_view name, std::string_view text);

// No larger file is read.
inline constexpr std::size_t kRequestFileMax = std::size_t{64} << 10U;

}  // namespace konductor::driver
