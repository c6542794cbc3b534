// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

// The files under `phases/<phase>/plans/` that tell what is complete: "001-task-1-summary.md" of an
// accepted task, "001-summary.md" of a complete plan, and the reviews.
namespace konductor::records {

enum class MarkerKind { task_summary, spec_review, quality_review, plan_summary };

struct MarkerName {
  MarkerKind kind = MarkerKind::task_summary;
  int plan = 0;
  int task = 0;  // 0 for a plan's summary.
  friend bool operator==(const MarkerName&, const MarkerName&) = default;
};

// The marker of the whole phase, beside `plans/`: its holistic review.
inline constexpr std::string_view kPhaseReviewFile = "code-review.md";

// "001-task-2-spec-review.md", "001-summary.md".
std::string marker_file_name(const MarkerName& name);
// nullopt when the file is no marker: a plan, or anything else.
std::optional<MarkerName> parse_marker_file_name(std::string_view file_name);

// An executor's summary without its `## Review Status` lines outside of code fences: an agent does
// not accept itself.
std::string without_review_status(std::string_view summary);
// The summary as it is filed once the task is accepted: `## Review Status: passed` is its last
// line, outside of any fence that the text leaves open.
std::string accepted_summary(std::string_view summary);
// True for the text of a complete task: one status, DONE or DONE_WITH_CONCERNS, and a review status
// that is "passed", outside of code fences.
bool is_accepted_summary(std::string_view text);

// What a plan's summary tells of one of its tasks.
struct SummarizedTask {
  int number = 0;
  std::string title;
  std::string status;
  std::string commit;   // May be empty.
  std::string summary;  // The task's summary as filed.
};

struct SummarizedPlan {
  std::string phase;
  int plan = 0;
  int wave = 0;
  std::string title;
  std::vector<SummarizedTask> tasks;
  std::vector<std::string> artifacts;
  std::string commit;  // The integration branch after the merge; may be empty.
  std::string time;    // RFC 3339.
};

// The text of "001-summary.md".
std::string plan_summary(const SummarizedPlan& plan);

// What the files of a phase's plans directory say is complete. `files` are names and texts; the
// texts of task summaries are needed only.
struct CompletedWork {
  std::set<TaskAddress> tasks;
  std::set<int> plans;
  friend bool operator==(const CompletedWork&, const CompletedWork&) = default;
};
CompletedWork completed_work(const std::map<std::string, std::string>& files);

}  // namespace konductor::records
