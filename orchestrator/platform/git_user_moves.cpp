// SPDX-License-Identifier: MIT
#include "platform/git_user_moves.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/git_worktree.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

// The git directories of the checkouts that are people's, not the engine's.
std::vector<fs::path> user_directories(git_repository* repository) {
  const fs::path common = git_repository_commondir(repository);
  std::vector<fs::path> found{common};
  std::error_code error;
  for (fs::directory_iterator it(common / "worktrees", error), end; !error && it != end;
       it.increment(error))
    if (!is_plan_worktree(it->path())) found.push_back(it->path());
  return found;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::map<std::string, std::uint64_t> UserMoves::sizes(git_repository* repository) {
  std::map<std::string, std::uint64_t> found;
  for (const fs::path& directory : user_directories(repository)) {
    std::error_code error;
    const fs::path log = directory / "logs" / "HEAD";
    const auto size = fs::file_size(log, error);
    found[log.native()] = error ? 0 : size;
  }
  return found;
}

UserMoves::UserMoves(git_repository* repository,
                     const std::map<std::string, std::uint64_t>& since) {
  for (const fs::path& directory : user_directories(repository)) {
    const fs::path log = directory / "logs" / "HEAD";
    std::error_code error;
    if (!fs::exists(log, error)) {
      const std::string head(trim(read_text(directory / "HEAD").value_or("")));
      if (head.rfind("ref: ", 0) == 0) unlogged_.push_back(head.substr(5));
      continue;
    }
    const auto known = since.find(log.native());
    read_log(log, known == since.end() ? 0 : known->second);
  }
}

void UserMoves::read_log(const fs::path& path, std::uint64_t from) {
  const std::string text = read_text(path).value_or("");
  const std::size_t start = from <= text.size() ? static_cast<std::size_t>(from) : 0;
  for (const std::string_view line : split_lines(std::string_view(text).substr(start))) {
    const auto ids = split(line, ' ');
    const auto tab = line.find('\t');
    if (ids.size() < 2) continue;
    const std::string_view message =
        tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
    entries_.push_back(Entry{std::string(ids[1]), std::string(message)});
  }
}

bool UserMoves::explains(const std::string& reference, const std::string& before,
                         const std::string& now) const {
  if (std::find(unlogged_.begin(), unlogged_.end(), reference) != unlogged_.end()) return true;
  const std::string name = branch_name(reference);
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    // Renaming a branch is logged with both full names.
    if (contains(entry.message, reference)) return true;
    if (before.empty()) return ends_with(entry.message, " to " + name);
    // A branch is left before it is removed.
    if (now.empty()) return contains(entry.message, "moving from " + name + " to ");
    return entry.id == now;
  });
}

}  // namespace konductor::platform::git
