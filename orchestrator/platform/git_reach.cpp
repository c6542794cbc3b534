// SPDX-License-Identifier: MIT
#include "platform/git_reach.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

namespace konductor::platform::git {

namespace {

// How far the clocks of those who made the commits may be apart.
constexpr git_time_t kClockSlack = 24 * 60 * 60;

struct ById {
  bool operator()(const git_oid& left, const git_oid& right) const {
    return git_oid_cmp(&left, &right) < 0;
  }
};

// From the tips backwards in time, newest first.
class Walk {
 public:
  explicit Walk(git_repository* repository) : repository_(repository) {}

  Result<void> add(const git_oid& id) {
    if (!seen_.insert(id).second) return {};
    KON_TRY(const std::optional<git_time_t> time, time_of(id));
    if (time) queue_.emplace(*time, id);
    return {};
  }

  // Goes back as far as it takes to find all of them, or as they can be.
  Result<void> look_for(const std::vector<git_oid>& commits) {
    std::map<git_oid, git_time_t, ById> wanted;
    for (const git_oid& id : commits) {
      KON_TRY(const std::optional<git_time_t> time, time_of(id));
      if (time) wanted[id] = *time;
    }
    while (!queue_.empty()) {
      git_time_t oldest = std::numeric_limits<git_time_t>::max();
      for (auto at = wanted.begin(); at != wanted.end();) {
        const bool is_found = seen_.count(at->first) != 0;
        if (!is_found) oldest = std::min(oldest, at->second);
        at = is_found ? wanted.erase(at) : std::next(at);
      }
      if (wanted.empty()) return {};
      KON_TRY_VOID(go_back_to(oldest, wanted.size()));
    }
    return {};
  }

  bool has_seen(const git_oid& id) const { return seen_.count(id) != 0; }

 private:
  // Some steps; the queue is empty when nothing as young as that is left.
  Result<void> go_back_to(git_time_t oldest, std::size_t steps) {
    for (std::size_t n = 0; n < std::max<std::size_t>(steps, kStepsMin) && !queue_.empty(); ++n) {
      const auto newest = std::prev(queue_.end());
      const git_oid id = newest->second;
      if (newest->first < oldest - kClockSlack) {
        queue_.clear();
        return {};
      }
      queue_.erase(newest);
      KON_TRY(const Commit commit, find_commit(repository_, id));
      for (unsigned parent = 0; parent < git_commit_parentcount(commit.get()); ++parent)
        KON_TRY_VOID(add(*git_commit_parent_id(commit.get(), parent)));
    }
    return {};
  }

  // Nothing for what lies beyond the boundary of a shallow clone.
  Result<std::optional<git_time_t>> time_of(const git_oid& id) const {
    Commit commit;
    const int code = git_commit_lookup(receive(commit), repository_, &id);
    if (code == GIT_ENOTFOUND) {
      git_error_clear();
      return std::optional<git_time_t>();
    }
    KON_TRY_VOID(check(code, "cannot read the commit \"" + hex(id) + "\""));
    return std::optional(git_commit_time(commit.get()));
  }

  static constexpr std::size_t kStepsMin = 64;

  git_repository* repository_;
  std::set<git_oid, ById> seen_;
  std::multimap<git_time_t, git_oid> queue_;
};

}  // namespace

Result<std::vector<bool>> reached_from(git_repository* repository, const std::vector<git_oid>& tips,
                                       const std::vector<git_oid>& commits) {
  Walk walk(repository);
  for (const git_oid& tip : tips)
    KON_TRY_VOID(walk.add(tip));
  KON_TRY_VOID(walk.look_for(commits));
  std::vector<bool> reached;
  for (const git_oid& commit : commits)
    reached.push_back(walk.has_seen(commit));
  return reached;
}

}  // namespace konductor::platform::git
