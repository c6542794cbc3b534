// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace konductor::driver {

// The last bytes of a file as UTF-8, for messages; "" when there is none.
std::string tail_of_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace konductor::driver
