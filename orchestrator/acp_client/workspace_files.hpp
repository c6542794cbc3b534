// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace konductor::acp_client {

// The absolute path with every link on the way resolved, also of what does not exist yet: a link to
// nowhere leads to where it points. Nothing when it cannot be told.
std::optional<std::string> resolve_path(const std::string& path);

// A larger file is not handed out.
inline constexpr std::uint64_t kFileBytesMax = std::uint64_t{8} << 20U;

// The whole regular file at a path that was resolved; a link that came in between is refused.
// `line` (from 1) and `count` cut it to some of its lines; 0 is from the first and all. Errors:
// `not_found`, `invalid_input` (a link, no regular file, too large), `io`.
Result<std::string> read_text(const std::string& path, std::int64_t line, std::int64_t count);

// Makes the text the content of a file at a path that was resolved, which keeps its permissions;
// folders on the way are made. Errors as above.
Result<void> write_text(const std::string& path, std::string_view text);

}  // namespace konductor::acp_client
