// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/event.hpp"

namespace konductor::engine {

// What the journal tells of one task's work, over all runs. Commits stay known after the fold of
// the state has forgotten them, so that what was done can still be shown.
struct TaskWork {
  std::string start;  // Where it began the last time; "" when it never did.
  std::string head;   // What its newest attempt that ended well left; "" while there is none.
  std::string run;    // Of that attempt, and the name of its run directory; "" without one.
  std::string attempt;
  bool is_rolled_back = false;  // And has not begun again.
};

// The same of a plan: where its workspace was made from, and how far it has come.
struct PlanWork {
  std::string base;
  std::string head;
};

// Where work began and where it went: a fold of the events beside the state's.
class WorkHistory {
 public:
  void apply(const Event& event);

  // nullptr when nothing is known of it.
  const TaskWork* task(const TaskAddress& address) const;
  const PlanWork* plan(int number) const;
  // The first workspace's base, and the integration branch after the newest merge; "" before that.
  const std::string& phase_base() const { return phase_base_; }
  const std::string& phase_head() const { return phase_head_; }
  // All that wrote to the journal, people who used a command among them.
  const std::set<std::string>& runs() const { return runs_; }

 private:
  void on(const Event& event, const event::workspace_prepared& prepared);
  void on(const Event& event, const event::task_started& started);
  void on(const Event& event, const event::attempt_finished& finished);
  void on(const Event& event, const event::task_completed& completed);
  void on(const Event& event, const event::task_reset& reset);
  void on(const Event& event, const event::plan_reopened& reopened);
  void on(const Event& event, const event::merge_finished& merged);

  std::map<TaskAddress, TaskWork> tasks_;
  std::map<int, PlanWork> plans_;
  std::string phase_base_;
  std::string phase_head_;
  std::set<std::string> runs_;
};

}  // namespace konductor::engine
