// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace konductor::engine {

// A plan as the schedule sees it.
struct SchedulePlan {
  int plan = 0;
  int wave = 0;
  std::vector<int> depends_on;
  double length = 1;  // Expected duration, in any one unit.
};

enum class ScheduleMode {
  waves,         // Wave n+1 starts when every plan of wave n is settled.
  dependencies,  // A plan starts when what it depends on is complete; longest remaining path first.
};

// Which plans may start now. Pure: it knows only what it is told. Every plan is handed out once, by
// `take`; cost is linear in plans and dependencies over a whole run.
class Schedule {
 public:
  Schedule(std::vector<SchedulePlan> plans, ScheduleMode mode);

  // Plans that may be taken now, in the order they should be: by number within a wave, or by the
  // longest remaining path. Includes plans whose dependency settled incomplete; see blocked_by.
  std::vector<int> ready() const;
  // The first of `ready`.
  std::optional<int> next_ready() const;
  // Removes a plan from `ready`; it holds its wave open until it is settled.
  void take(int plan);
  // The plan is over: complete, or not. Also for plans that were never taken.
  void settle(int plan, bool is_complete);
  // A plan that was settled incomplete has something to do again. Of later waves no plan begins
  // until it is settled once more.
  void reopen(int plan);

  // The lowest dependency that is settled but not complete.
  std::optional<int> blocked_by(int plan) const;
  bool is_settled(int plan) const { return settled_.count(plan) != 0; }
  // The lowest wave with a plan that is not settled; nothing when all are.
  std::optional<int> current_wave() const;
  // True when every plan of the wave is settled.
  bool is_wave_settled(int wave) const;
  bool is_finished() const { return settled_.size() == plans_.size(); }
  // Length of the longest path that begins with this plan, itself included.
  double remaining_path(int plan) const { return remaining_.at(plan); }

 private:
  void compute_paths();
  void make_ready_if_free(int plan);
  void open_wave();

  struct Order {
    double path;
    int wave;
    int plan;
    friend bool operator<(const Order& a, const Order& b) {
      if (a.path != b.path) return a.path > b.path;
      if (a.wave != b.wave) return a.wave < b.wave;
      return a.plan < b.plan;
    }
  };
  Order order_of(int plan) const;

  ScheduleMode mode_;
  std::map<int, SchedulePlan> plans_;
  std::map<int, std::vector<int>> dependants_;
  std::map<int, std::set<int>> by_wave_;  // Plans of each wave that are not settled.
  std::map<int, int> open_dependencies_;
  std::map<int, double> remaining_;
  std::map<int, bool> settled_;  // Value: is complete.
  std::set<int> taken_;
  std::set<Order> ready_;
};

}  // namespace konductor::engine
