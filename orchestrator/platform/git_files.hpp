// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

// The few file operations that the git adapter needs besides libgit2's own.
namespace konductor::platform::git {

// The text of a small regular file (links are not followed); nothing when there is none.
std::optional<std::string> read_text(const std::filesystem::path& path);

// Something of that name, be it a link that leads nowhere.
bool is_there(const std::filesystem::path& path);

// To the first free name that begins with it and ends in ".found-N".
Result<void> move_aside(const std::filesystem::path& path);

// Changes with everything that is done to the file; it is not followed if it is a link.
std::string stamp_of(const std::filesystem::path& path);

// Replaces a file in one step, making missing directories. Whatever else stands in its place goes;
// no link is followed.
Result<void> write_text(const std::filesystem::path& path, std::string_view text);

// Writes only when the file holds something else, so that a good file is never touched.
Result<void> ensure_text(const std::filesystem::path& path, std::string_view text);

// Removes a file or a whole directory, unwritable directories in it too; never follows a link out
// of it. A missing one is no error.
Result<void> remove_path(const std::filesystem::path& path);

// The same for what is no regular file. The library follows links when it writes.
Result<void> remove_unless_file(const std::filesystem::path& path);

// Removes a directory by renaming it within its parent first, so that it is gone at once; what a
// crash leaves of it is found by remove_trash, which takes what is meant, by its name without the
// mark of trash, alone: others may be at work beside.
Result<void> remove_by_rename(const std::filesystem::path& directory);
using TrashFilter = std::function<bool(std::string_view name)>;
Result<void> remove_trash(const std::filesystem::path& parent, const TrashFilter& is_meant);

// Where, beside `directory`, something of that name counts as trash.
std::filesystem::path trash_place(const std::filesystem::path& directory, const std::string& name);

// Removes `*.lock` files directly in a directory, and below it when asked.
enum class Depth { one, all };
void remove_locks(const std::filesystem::path& directory, Depth depth);

// Removes objects that a killed program had half written: nothing that lives writes one for an
// hour.
void remove_dead_objects(const std::filesystem::path& objects);

// Removes directories from `directory` upwards while they are empty, never `top` itself.
void remove_empty_directories(std::filesystem::path directory, const std::filesystem::path& top);

// Removes a directory, and those in it, as far as they hold nothing but directories.
void remove_hollow_directories(const std::filesystem::path& directory);

}  // namespace konductor::platform::git
