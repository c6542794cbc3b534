// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "plan/verify_commands.hpp"

// What paths are in a workspace as it stands now.
namespace konductor::driver {

// True when `declared` (a file, or a directory ending in "/") covers `path`.
bool covers(const std::string& declared, const std::string& path);

// The shortest spelling of a path, judged by its text.
std::string normal_path(const std::string& path);

plan::FileKind kind_of(const std::filesystem::path& root, std::string_view path);

// Why a declared path does not count as there: "", or what is wrong. A directory ends in "/".
std::string missing_reason(const std::filesystem::path& root, const std::string& declared);

// The top of the work tree around a workspace, which may be a folder of its repository; the
// workspace itself outside of git.
std::filesystem::path tree_top(const std::filesystem::path& workspace);

// Whether a path is a symbolic link to a place outside of `top`, there or not. A link that runs in
// a circle leads nowhere.
bool is_link_out_of(const std::filesystem::path& top, const std::filesystem::path& path);

}  // namespace konductor::driver
