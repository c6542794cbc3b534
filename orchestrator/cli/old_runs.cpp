// SPDX-License-Identifier: MIT
#include "cli/old_runs.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "driver/execute.hpp"
#include "engine/work_history.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

std::int64_t changed_at(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return 0;
  return std::int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

// The folder's own time, those of its attempts, and those of the files that grow.
std::int64_t newest_change(const fs::path& folder) {
  std::int64_t newest = changed_at(folder);
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    newest = std::max(newest, changed_at(it->path()));
    std::error_code ignored;
    if (!fs::is_directory(it->symlink_status(ignored))) continue;
    for (fs::directory_iterator at(it->path(), ignored), none; !ignored && at != none;
         at.increment(ignored))
      newest = std::max(newest, changed_at(at->path()));
  }
  return newest;
}

}  // namespace

std::set<std::string> needed_runs(const engine::RunState& state) {
  std::set<std::string> needed;
  for (const auto& [number, plan] : state.plans()) {
    const bool is_complete = std::holds_alternative<engine::plan_state::completed>(plan.state);
    for (const engine::TaskRecord* task : state.tasks_of(number)) {
      const auto* active = std::get_if<engine::state::active>(&task->state);
      if (active == nullptr) continue;
      needed.insert(active->started_in.empty() ? state.last_run_id() : active->started_in);
    }
    if (is_complete || !state.has_events()) continue;
    if (!plan.last_run.empty()) needed.insert(plan.last_run);
    if (number != 0) needed.insert(state.last_run_id());
  }
  // Their processes may still be there.
  for (const auto& [run, cgroup] : state.cgroups())
    needed.insert(run);
  return needed;
}

std::vector<std::string> old_runs(const fs::path& runs, std::chrono::milliseconds age,
                                  std::int64_t now) {
  std::vector<std::string> old;
  std::error_code error;
  for (fs::directory_iterator it(runs, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!fs::is_directory(it->symlink_status(ignored))) continue;
    if (now - newest_change(it->path()) >= age.count()) old.push_back(it->path().filename());
  }
  std::sort(old.begin(), old.end());
  return old;
}

std::size_t remove_old_runs(ports::FileStore& files, const ports::Journal& journal,
                            const driver::RunFacts& facts, std::int64_t now) {
  const std::chrono::milliseconds keep = facts.config.runs.keep;
  if (keep.count() == 0) return 0;
  engine::WorkHistory history;
  const Result<engine::RunState> state = driver::replay_state(
      journal, facts.plans, [&history](const engine::Event& event) { history.apply(event); });
  if (state.has_error()) return 0;
  const std::set<std::string> needed = needed_runs(state.value());
  std::size_t removed = 0;
  for (const std::string& run : old_runs(facts.layout.runs(), keep, now))
    if (run != facts.run && needed.count(run) == 0 && history.runs().count(run) != 0 &&
        files.remove(facts.layout.run_directory(run)).has_value())
      ++removed;
  return removed;
}

std::uintmax_t bytes_below(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator
           it(folder, fs::directory_options::skip_permission_denied, error),
       end;
       !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (fs::is_regular_file(it->symlink_status(ignored))) bytes += it->file_size(ignored);
  }
  return bytes;
}

}  // namespace konductor::cli
