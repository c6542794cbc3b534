// SPDX-License-Identifier: MIT
#include "driver/attempt_lease.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "driver/workspace_paths.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// The time of change of a file that was made for an attempt, by which it is known until somebody
// writes it: one second after the epoch.
constexpr time_t kUnwritten = 1;

bool is_unwritten(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0 &&
         status.st_mtim.tv_sec == kUnwritten && status.st_mtim.tv_nsec == 0;
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
std::optional<fs::path> place_of(const fs::path& top, const fs::path& path) {
  std::error_code error;
  const fs::path real_top = fs::canonical(top, error);
  if (error) return std::nullopt;
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

bool make_file(ports::FileStore& files, const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error)) return fs::is_regular_file(path, error);
  return files.write(path, "").has_value() && mark_unwritten(path);
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

std::vector<std::string> open_lease(ports::FileStore& files, const fs::path& workspace,
                                    const std::vector<std::string>& paths) {
  const fs::path top = tree_top(workspace);
  std::vector<std::string> places;
  for (const std::string& path : paths) {
    const bool is_directory = !path.empty() && path.back() == '/';
    const std::optional<fs::path> place = place_of(top, workspace / path);
    if (!place) continue;
    if (is_directory)
      places.push_back(place->string() + "/");
    else if (make_file(files, *place))
      places.push_back(place->string());
  }
  return places;
}

Result<void> close_lease(ports::FileStore& files, const fs::path& workspace,
                         const std::vector<std::string>& paths) {
  const fs::path top = tree_top(workspace);
  for (const std::string& path : paths) {
    const std::optional<fs::path> place = place_of(top, workspace / path);
    if (!place || !is_unwritten(*place)) continue;
    KON_TRY_VOID(files.remove(*place));
    remove_empty_parents(*place, top);
  }
  return {};
}

}  // namespace konductor::driver
