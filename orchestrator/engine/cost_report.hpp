// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "engine/cost_sum.hpp"

namespace konductor::engine {

// What became of the work that an attempt did.
enum class WorkFate {
  // It counts: its task was completed. Reviews that led to fixes and the fixes themselves are part
  // of that, and so is an attempt that was cut off and gone on with in its session.
  productive,
  // It does not: the attempt failed, its provider refused it, its task failed or was begun anew, or
  // a split put its task aside.
  wasted,
  // It was cut off by the end of its engine or of its run, and not gone on with.
  engine,
  // Its task is neither complete nor given up: under way, blocked, or left to a person.
  open,
};

inline constexpr std::array<WorkFate, 4> kAllFates = {WorkFate::productive, WorkFate::wasted,
                                                      WorkFate::engine, WorkFate::open};

std::string_view to_string(WorkFate fate);

// One attempt that has ended, and what its work came to.
struct AttemptCost {
  TaskAddress address;
  event::attempt_finished finished;
  WorkFate fate = WorkFate::open;
};

enum class CostKey { none, plan, role, model, task };

// One line: what its attempts took, by what became of their work. The parts add up to the total.
struct CostLine {
  std::string name;  // "01/002", "executor", "claude (sonnet)", "01/002/3"; "" of all.
  CostSum total;
  std::array<CostSum, kAllFates.size()> parts;  // By fate.

  [[nodiscard]] const CostSum& part(WorkFate fate) const {
    return parts.at(static_cast<std::size_t>(fate));
  }
};

// What a phase cost, over all runs: a fold of its events.
class CostLedger {
 public:
  void apply(const Event& event);

  // All attempts that have ended, in the order of their ends.
  [[nodiscard]] std::vector<AttemptCost> attempts() const;
  // How many were started and have not ended, as far as the journal says.
  [[nodiscard]] std::size_t running() const { return running_.size(); }
  [[nodiscard]] std::size_t runs() const { return runs_.size(); }

 private:
  struct Entry {
    AttemptCost cost;
    std::string gone_on_by;        // The session it worked in, while it may be gone on with.
    std::size_t continuation = 0;  // Which entry, 1-based, went on where this one was cut off.
  };

  void on_finished(const event::attempt_finished& finished);
  void settle(const TaskAddress& address, WorkFate fate);
  void waste(const TaskAddress& address);
  void set_aside(const TaskAddress& address);
  [[nodiscard]] WorkFate fate_of(const Entry& entry) const;

  std::vector<Entry> entries_;
  std::set<std::string> running_;  // By the names of their attempts.
  std::set<std::string> runs_;
};

// All of them in one line.
CostLine total_cost(const std::vector<AttemptCost>& attempts);
// A line for each value of the key, by plan and task in their order, else the most costly first.
std::vector<CostLine> cost_lines(const std::vector<AttemptCost>& attempts, CostKey key,
                                 std::string_view phase);

}  // namespace konductor::engine
