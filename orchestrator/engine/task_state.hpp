// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/role_name.hpp"
#include "engine/event.hpp"

namespace konductor::engine {

// What a task needs done next. All but `check_gates` are attempts: one process for one role.
enum class Action {
  execute,
  research,
  assess_blocker,
  assess_concerns,
  check_gates,
  review_spec,
  review_quality,
  review_holistic,
};

inline constexpr std::array<Action, 8> kAllActions = {
    Action::execute,     Action::research,    Action::assess_blocker, Action::assess_concerns,
    Action::check_gates, Action::review_spec, Action::review_quality, Action::review_holistic};

std::string_view to_string(Action action);
// The role an attempt for this action works as; for `check_gates` nobody's, and KON_CHECK fails.
RoleName role_of(Action action);
bool is_attempt(Action action);
bool is_review(Action action);

namespace state {

struct waiting {};
// The next thing is decided and not begun, or its gates are being checked.
struct due {
  Action action = Action::execute;
};
// An attempt is in flight.
struct active {
  Action action = Action::execute;
  int attempt = 0;
  std::string started_in = {};  // The run that started it, if others began since.
};
// The attempt (or the gates) ended well; what follows is decided in the same transaction.
struct ended {
  Action action = Action::execute;
};
struct completed {};
struct failed {
  std::string reason;
};
struct blocked {
  std::string reason;
};
struct needs_manual {
  std::string reason;
};
// Left out, because a person wants that.
struct skipped {
  std::string reason;
};
// Replaced by sub-tasks.
struct split {
  std::vector<int> tasks;
};

}  // namespace state

using TaskState =
    std::variant<state::waiting, state::due, state::active, state::ended, state::completed,
                 state::failed, state::blocked, state::needs_manual, state::skipped, state::split>;

// For people and JSON: waiting, running, completed, failed, blocked, needs_manual, skipped, split.
std::string_view status_name(const TaskState& state);
// "due(check_gates)" and so on, for tests and logs.
std::string describe(const TaskState& state);
// Nothing more happens to it in this run.
bool is_settled(const TaskState& state);

// The reason of a `task_reset` that a person asked for with `rollback`: the plan's branch goes back
// to where the task began, and nothing of the work is in the tree any more.
inline constexpr std::string_view kRolledBack = "rolled back";

enum class ReviewStage { spec, quality, holistic };

// One task and all that its next attempt has to know. Changed by events only.
struct TaskRecord {
  TaskAddress address;
  TaskState state;

  // --- The dispatch that is due or in flight ---
  std::string reason = "execute";  // Why the executor runs: KONDUCTOR_REASON.
  bool is_retry = false;           // The attempt before it crashed.
  std::vector<std::string> contexts;
  std::string question;                   // Missing context, or the blocker.
  std::vector<std::string> files_needed;  // What it has to write and may not: not yet answered.
  std::vector<std::string> concerns;
  std::vector<Finding> findings;
  std::vector<std::string> violations;  // Of all attempts since the gates were checked.
  std::string kept;                     // Reference to what the failed attempt before it left,
  std::string failure;                  // and why that one failed.

  // The session in which the executor's newest attempt worked that was accepted or cut off; "" when
  // it cannot go on.
  std::string session;
  bool is_cut_off = false;      // That attempt was ended in the middle of its work, and
  std::string session_kept;     // left this, a reference, unless its engine was killed.
  std::string session_text;     // Fingerprint of the plan that it was given,
  std::string newest_text;      // and of the one that the executor's newest attempt was given.
  std::string session_runtime;  // What the executor's newest attempt ran with.
  Usage session_usage;          // Of all attempts in it.

  // --- Limits used up ---
  ReviewStage stage = ReviewStage::spec;
  int crashes = 0;  // In this dispatch.
  int context_rounds = 0;
  int spec_rounds = 0;
  int quality_rounds = 0;
  int gate_rounds = 0;
  int holistic_rounds = 0;
  bool is_blocker_assessed = false;
  bool is_concerns_fix_used = false;

  // --- What happened so far, over all runs ---
  std::map<RoleName, int> attempts;  // Started.
  std::map<RoleName, int> takes;     // Ended by themselves.
  std::map<RoleName, int> accepted;  // Newest attempt whose document was accepted.
  std::string author_runtime;        // What the executor's newest accepted attempt ran with.
  std::string author_model;
  std::string start_commit;
  std::string head_commit;
  std::string gated_commit;  // Newest that passed the gates; at first the start.
  std::vector<std::string> undeclared;
  std::vector<std::string> untouched;
  std::vector<std::string> leased;  // What it may write besides what it declares.
  std::string fingerprint;
  bool was_completed = false;  // Once, before it was reset: its work may be in the tree already.
  bool is_filed = false;
  bool was_filed = false;  // Its markers were on disk at some time.
  std::vector<std::string> filed_files;
  std::optional<SubTask> sub_task;  // Set when an assessor's split made it.
  std::vector<std::string> notes;   // A person's, for all its attempts to come; never forgotten.
};

// Whether the task is in a state of this kind.
template <class State>
bool is(const TaskRecord& task) {
  return std::holds_alternative<State>(task.state);
}

// Why an attempt at the task runs: KONDUCTOR_REASON.
std::string attempt_reason(const TaskRecord& task, Action action);

}  // namespace konductor::engine
