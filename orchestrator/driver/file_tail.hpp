// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace konductor::driver {

// How much of what a command printed goes into a message: a screenful.
inline constexpr std::size_t kTailBytes = 2000;

// The last bytes of a file as UTF-8, for messages; "" when there is none.
std::string tail_of_file(const std::filesystem::path& path, std::size_t bytes_max);

// A descriptor to read an attempt's output from; -1 when that cannot be read or is no regular file:
// an attempt may put anything in its place. Neither waits for a pipe's writer nor follows a link.
// The caller closes it.
int open_output(const std::filesystem::path& path);

}  // namespace konductor::driver
