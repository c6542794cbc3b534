// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/ids.hpp"
#include "engine/event.hpp"
#include "plan/plan.hpp"

namespace konductor::test {

// What the settings allow.
struct AuditLimits {
  int attempts_at_once = 1;
  int crash_retries = 1;
  int context_rounds = 2;
  int review_rounds = 2;
  int holistic_rounds = 3;
  bool has_waves = true;
  bool is_review_enabled = true;
};

// Reads the journal while it is written, and holds every event to what no journal may hold. It
// keeps its own, much simpler books and shares nothing with the engine's.
class Auditor {
 public:
  explicit Auditor(const std::map<int, plan::Plan>& plans) : plans_(plans) {}

  void allow(const AuditLimits& limits) { limits_ = limits; }
  // A person asked for these to run again in the run that comes.
  void expect_retries(std::set<TaskAddress> tasks, bool all_blocked) {
    retried_ = std::move(tasks);
    are_blocked_retried_ = all_blocked;
  }
  void see(const engine::Event& event);

  // What was wrong first; "" while all is well.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

  // --- What is durable ---
  [[nodiscard]] bool is_completed(const TaskAddress& task) const {
    return completed_.count(task) != 0;
  }
  [[nodiscard]] bool is_plan_completed(int plan) const { return done_plans_.count(plan) != 0; }
  [[nodiscard]] bool is_merged(int plan) const { return merged_.count(plan) != 0; }
  [[nodiscard]] bool are_tasks_completed(int plan) const;
  // An attempt was begun and has not ended.
  [[nodiscard]] bool is_under_way(const TaskAddress& task, const std::string& role,
                                  int attempt) const;
  // Attempts under way that the run at work has not taken over.
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] const std::set<TaskAddress>& blocked() const { return blocked_; }
  [[nodiscard]] bool is_paused() const { return is_paused_; }
  // What a person had said of the task when its newest attempt was begun.
  [[nodiscard]] std::vector<std::string> notes_due(const TaskAddress& task) const {
    const auto found = notes_due_.find(task);
    return found == notes_due_.end() ? std::vector<std::string>() : found->second;
  }
  // What a sub-task was made to write: its parent's files.
  [[nodiscard]] const std::map<TaskAddress, std::vector<std::string>>& sub_tasks() const {
    return sub_tasks_;
  }
  [[nodiscard]] const std::set<std::string_view>& seen() const { return seen_; }

 private:
  // What may be used up of a task's limits.
  struct Used {
    int crashes = 0;  // Since the newest attempt that counted, or a new dispatch.
    std::string crashed_role;
    int context_rounds = 0;
    std::map<std::string, int> rounds;  // By stage.
  };
  struct Active {
    std::string role;
    int attempt = 0;
    std::string run;
    bool is_waiting = false;  // Its engine died, and nobody has taken it over yet.
  };

  void on(const engine::Event&, const engine::event::run_started& it);
  void on(const engine::Event&, const engine::event::wave_started& it);
  void on(const engine::Event&, const engine::event::wave_finished& it);
  void on(const engine::Event&, const engine::event::plan_started& it);
  void on(const engine::Event&, const engine::event::plan_completed& it);
  void on(const engine::Event&, const engine::event::plan_reopened& it);
  void on(const engine::Event&, const engine::event::merge_finished& it);
  void on(const engine::Event&, const engine::event::task_started& it);
  void on(const engine::Event&, const engine::event::attempt_started& it);
  void on(const engine::Event&, const engine::event::attempt_adopted& it);
  void on(const engine::Event&, const engine::event::attempt_finished& it);
  void on(const engine::Event&, const engine::event::status_reported& it);
  void on(const engine::Event&, const engine::event::gate_checked& it);
  void on(const engine::Event&, const engine::event::review_finished& it);
  void on(const engine::Event&, const engine::event::task_completed& it);
  void on(const engine::Event&, const engine::event::holistic_finished& it);
  void on(const engine::Event&, const engine::event::task_failed& it);
  void on(const engine::Event&, const engine::event::task_blocked& it);
  void on(const engine::Event&, const engine::event::task_needs_manual& it);
  void on(const engine::Event&, const engine::event::task_split& it);
  void on(const engine::Event&, const engine::event::task_reset& it);
  void on(const engine::Event&, const engine::event::task_unblocked& it);
  void on(const engine::Event&, const engine::event::request_taken& it);
  void on(const engine::Event&, const engine::event::run_paused& it);
  void on(const engine::Event&, const engine::event::run_resumed& it);
  void on(const engine::Event&, const engine::event::note_given& it);
  void on(const engine::Event&, const engine::event::skip_requested& it);
  void on(const engine::Event&, const engine::event::retry_requested& it);
  void on(const engine::Event&, const engine::event::task_skipped& it);
  template <class Other>
  void on(const engine::Event&, const Other&) {}

  void check_limits(const TaskAddress& task, const std::string& role);
  void settle(const TaskAddress& task);
  void forget_phase_review();
  void complain(const std::string& text);

  AuditLimits limits_;
  const std::map<int, plan::Plan>& plans_;
  std::set<TaskAddress> retried_;
  bool are_blocked_retried_ = false;

  std::string run_;
  std::set<std::string> old_runs_;
  std::set<int> open_waves_;
  std::map<TaskAddress, Active> active_;
  std::map<std::tuple<TaskAddress, std::string>, int> attempts_;
  std::map<TaskAddress, Used> used_;
  std::map<TaskAddress, bool> gates_;
  std::map<TaskAddress, std::map<std::string, bool>> reviews_;
  std::set<TaskAddress> failed_attempts_;  // Tasks that ever had one.
  std::set<TaskAddress> completed_;
  std::set<TaskAddress> failed_;
  std::set<TaskAddress> blocked_;
  std::set<TaskAddress> manual_;
  std::set<TaskAddress> split_;
  std::set<TaskAddress> skipped_;
  std::set<TaskAddress> left_out_;  // What a person wants skipped; task 0 is the plan.
  std::set<TaskAddress> asked_;     // To run again, by a request.
  std::set<std::string> requests_;
  std::map<TaskAddress, std::vector<std::string>> notes_;
  std::map<TaskAddress, std::vector<std::string>> notes_due_;
  bool is_paused_ = false;
  std::map<TaskAddress, std::vector<std::string>> sub_tasks_;
  std::set<int> merged_;
  std::set<int> done_plans_;
  std::set<std::string_view> seen_;
  std::string complaint_;
};

std::string name_of(const TaskAddress& task);

}  // namespace konductor::test
