// SPDX-License-Identifier: MIT
#include "driver/attempt_lease.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "driver/attempt_record.hpp"
#include "driver/workspace_paths.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// The time of change of a file that was made for an attempt, by which it is known until somebody
// writes it: one second after the epoch.
constexpr time_t kUnwritten = 1;

bool is_older(const timespec& left, const timespec& right) {
  return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec : left.tv_nsec < right.tv_nsec;
}

bool is_unwritten(const fs::path& path, const std::optional<timespec>& since) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size != 0)
    return false;
  if (status.st_mtim.tv_sec == kUnwritten && status.st_mtim.tv_nsec == 0) return true;
  // A kill may come between a file and its mark.
  return since && !is_older(status.st_mtim, *since);
}

bool mark_unwritten(const fs::path& path) {
  const struct timespec times[2] = {{kUnwritten, 0}, {kUnwritten, 0}};
  return ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_reserved(const fs::path& path) {
  return std::any_of(path.begin(), path.end(),
                     [](const fs::path& part) { return part == ".git" || part == ".konductor"; });
}

// Where a path really is, if that is in the tree and nobody's own.
std::optional<fs::path> place_of(const fs::path& real_top, const fs::path& path) {
  std::error_code error;
  // A link whose end is missing would be written through.
  if (fs::is_symlink(fs::symlink_status(path, error)) && !fs::exists(path, error))
    return std::nullopt;
  fs::path real = fs::weakly_canonical(path, error);
  if (error) return std::nullopt;
  if (real.filename().empty()) real = real.parent_path();
  const fs::path relative = real.lexically_relative(real_top);
  if (relative.empty() || *relative.begin() == ".." || is_reserved(relative)) return std::nullopt;
  return real;
}

// Whether it is there then.
Result<bool> make_file(ports::FileStore& files, const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error)) return fs::is_regular_file(path, error);
  const Result<void> made = files.write(path, "");
  if (made.has_error() && made.error().code == ErrorCode::environment) return made.error();
  return made.has_value() && mark_unwritten(path);
}

void remove_empty_parents(const fs::path& path, const fs::path& top) {
  std::error_code error;
  for (fs::path at = path.parent_path(); at != top && at.has_relative_path(); at = at.parent_path())
    if (!fs::is_empty(at, error) || error || !fs::remove(at, error)) return;
}

}  // namespace

std::optional<std::vector<std::string>> leased_files(const RunShared& shared,
                                                     const TaskAddress& address, RoleName role) {
  const bool is_leased = shared.facts.config.execution.lease == config::Lease::declared &&
                         role == RoleName::executor && !address.is_phase();
  if (!is_leased) return std::nullopt;
  std::vector<std::string> paths = task_text(shared, address).files;
  if (const engine::TaskRecord* task = shared.state().task(address); task != nullptr)
    paths.insert(paths.end(), task->leased.begin(), task->leased.end());
  if (!address.is_merge()) return paths;
  // Bringing two plans together may ask for a change in anything that they are about.
  std::vector<int> plans = plans_in_conflict(shared, address.plan);
  plans.push_back(address.plan);
  for (const int plan : plans)
    for (const int task : shared.state().plan(plan)->order) {
      const std::vector<std::string> files = task_text(shared, {plan, task}).files;
      paths.insert(paths.end(), files.begin(), files.end());
    }
  return paths;
}

bool is_lease_enforced(const RunShared& shared) {
  return shared.facts.config.execution.lease == config::Lease::declared &&
         shared.facts.sandbox.is_confining();
}

Result<std::vector<std::string>> open_lease(ports::FileStore& files, const fs::path& workspace,
                                            const std::vector<std::string>& paths) {
  std::error_code error;
  const fs::path top = fs::canonical(tree_top(workspace), error);
  std::vector<std::string> places;
  if (error) return places;
  for (const std::string& path : paths) {
    const bool is_directory = !path.empty() && path.back() == '/';
    const std::optional<fs::path> place = place_of(top, workspace / path);
    if (!place) continue;
    if (is_directory) {
      places.push_back(place->string() + "/");
      continue;
    }
    KON_TRY(const bool is_there, make_file(files, *place));
    if (is_there) places.push_back(place->string());
  }
  return places;
}

Result<void> close_lease(ports::FileStore& files, const fs::path& workspace,
                         const std::vector<std::string>& paths,
                         const std::optional<timespec>& since) {
  std::error_code error;
  const fs::path top = fs::canonical(tree_top(workspace), error);
  if (error) return {};
  for (const std::string& path : paths) {
    const std::optional<fs::path> place = place_of(top, workspace / path);
    if (!place || !is_unwritten(*place, since)) continue;
    KON_TRY_VOID(files.remove(*place));
    remove_empty_parents(*place, top);
  }
  return {};
}

std::optional<timespec> before_start(const ports::FileStore& files, const fs::path& directory) {
  AttemptPaths paths;
  paths.directory = directory;
  struct stat status {};
  const bool is_known = !read_process_record(files, paths) &&
                        ::lstat(attempt_record_path(paths).c_str(), &status) == 0;
  return is_known ? std::optional(status.st_mtim) : std::nullopt;
}

}  // namespace konductor::driver
