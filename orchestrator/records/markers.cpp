// SPDX-License-Identifier: MIT
#include "records/markers.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "records/markdown_lines.hpp"

namespace konductor::records {
namespace {

constexpr std::string_view kStatus = "status";
constexpr std::string_view kReviewStatus = "review status";
// A plan's summary quotes its tasks' summaries in short; the whole texts are beside it.
constexpr std::size_t kEssenceCodePointsMax = 400;

constexpr std::array<std::pair<MarkerKind, std::string_view>, 3> kTaskEndings = {{
    {MarkerKind::task_summary, "summary"},
    {MarkerKind::spec_review, "spec-review"},
    {MarkerKind::quality_review, "quality-review"},
}};

// A number without sign at the start of `text`, which is taken off it; nullopt for 0 and none.
std::optional<int> take_number(std::string_view& text, std::size_t digits_min) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || value <= 0 || digits < digits_min) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view start) {
  if (text.substr(0, start.size()) != start) return false;
  text.remove_prefix(start.size());
  return true;
}

// Calls `visit(line, field)` for every line; `field` is set for "## Name: value" headings that
// count.
template <class Visitor>
FenceTracker visit_lines(std::string_view text, Visitor visit) {
  FenceTracker fences;
  for (const std::string_view line : split_lines(text)) {
    std::optional<HeadingField> field;
    const bool is_code = fences.is_code(line);
    if (!is_code && !fences.is_in_item()) field = heading_field(line);
    visit(line, field, is_code);
  }
  return fences;
}

std::string cut(std::string_view text, std::size_t code_points_max) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_start = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (is_start && ++count > code_points_max) return std::string(text.substr(0, i)) + "…";
  }
  return std::string(text);
}

// The first paragraph and the lists of files of a task's summary, each on one line.
std::vector<std::string> essence(std::string_view summary) {
  std::string paragraph;
  bool is_paragraph_done = false;
  std::vector<std::string> lists;
  std::string list_name;
  visit_lines(summary, [&](std::string_view line, const auto&, bool is_code) {
    const std::string_view text = trim(line);
    const bool is_item = text.substr(0, 2) == "- " || text.substr(0, 2) == "* ";
    if (is_code || text.empty() || is_heading(line) || is_item) {
      is_paragraph_done = is_paragraph_done || !paragraph.empty();
    } else if (!is_paragraph_done) {
      paragraph += (paragraph.empty() ? "" : " ") + std::string(text);
    }
    if (is_code) return;
    if (is_heading(line)) {
      const std::string name = to_lower(trim(text.substr(text.find_first_not_of('#'))));
      list_name = name.rfind("files ", 0) == 0 ? name : "";
    } else if (is_item && !list_name.empty()) {
      const std::string item(trim(text.substr(2)));
      const std::string start = "F" + list_name.substr(1) + ": ";
      if (!lists.empty() && lists.back().rfind(start, 0) == 0)
        lists.back() += ", " + item;
      else
        lists.push_back(start + item);
    }
  });
  std::vector<std::string> lines;
  if (!paragraph.empty()) lines.push_back(cut(paragraph, kEssenceCodePointsMax));
  for (const std::string& list : lists)
    lines.push_back(cut(list, kEssenceCodePointsMax));
  return lines;
}

void append_task(std::string& out, const SummarizedTask& task) {
  out += "\n### Task " + std::to_string(task.number) + ": " + task.title + "\n\n";
  out += "- " + task.status;
  if (!task.commit.empty()) out += ", commit `" + task.commit + "`";
  out += "\n";
  for (const std::string& line : essence(task.summary))
    out += "- " + line + "\n";
}

}  // namespace

std::string marker_file_name(const MarkerName& name) {
  const std::string plan = plan_text(name.plan);
  for (const auto& [kind, ending] : kTaskEndings)
    if (kind == name.kind)
      return plan + "-task-" + std::to_string(name.task) + "-" + std::string(ending) + ".md";
  return plan + "-summary.md";
}

std::optional<MarkerName> parse_marker_file_name(std::string_view file_name) {
  std::string_view rest = file_name;
  const auto plan = take_number(rest, 3);
  if (!plan) return std::nullopt;
  MarkerName name{MarkerKind::plan_summary, *plan, 0};
  if (take(rest, "-task-")) {
    const auto task = take_number(rest, 1);
    if (!task || !take(rest, "-")) return std::nullopt;
    name.task = *task;
    for (const auto& [kind, ending] : kTaskEndings)
      if (rest == std::string(ending) + ".md") name.kind = kind;
    if (name.kind == MarkerKind::plan_summary) return std::nullopt;
  } else if (rest != "-summary.md") {
    return std::nullopt;
  }
  // Only the one spelling that is written: "0001-summary.md" speaks of no plan.
  if (marker_file_name(name) != file_name) return std::nullopt;
  return name;
}

std::string without_review_status(std::string_view summary) {
  std::string out;
  visit_lines(summary, [&](std::string_view line, const auto& field, bool) {
    if (field && field->name == kReviewStatus) return;
    out += line;
    out += '\n';
  });
  return out;
}

std::string accepted_summary(std::string_view summary) {
  std::string out = without_review_status(summary);
  const FenceTracker fences = visit_lines(out, [](auto, const auto&, bool) {});
  if (fences.is_open() && !fences.is_in_item()) out += fences.fence() + "\n";
  while (!out.empty() && (out.back() == '\n' || out.back() == ' '))
    out.pop_back();
  if (!out.empty()) out += "\n\n";
  return out + "## Review Status: passed\n";
}

bool is_accepted_summary(std::string_view text) {
  std::set<std::string> statuses;
  std::set<std::string> reviews;
  visit_lines(text, [&](std::string_view, const auto& field, bool) {
    if (field && field->name == kStatus) statuses.insert(field->value);
    if (field && field->name == kReviewStatus) reviews.insert(field->value);
  });
  const bool is_done = statuses == std::set<std::string>{"DONE"} ||
                       statuses == std::set<std::string>{"DONE_WITH_CONCERNS"};
  return is_done && reviews == std::set<std::string>{"passed"};
}

std::string plan_summary(const SummarizedPlan& plan) {
  std::string out = "# Plan " + plan_text(plan.plan) + " Summary: " + plan.title + "\n\n";
  out += "Phase " + plan.phase + ", wave " + std::to_string(plan.wave) + ", complete";
  if (!plan.time.empty()) out += " since " + plan.time;
  out += ".\n\n## Tasks\n";
  for (const SummarizedTask& task : plan.tasks)
    append_task(out, task);
  if (!plan.artifacts.empty()) {
    out += "\n## Artifacts\n\n";
    for (const std::string& artifact : plan.artifacts)
      out += "- `" + artifact + "`\n";
  }
  if (!plan.commit.empty()) out += "\n## Commit\n\n- `" + plan.commit + "`\n";
  return out;
}

CompletedWork completed_work(const std::map<std::string, std::string>& files) {
  CompletedWork work;
  for (const auto& [file_name, text] : files) {
    const auto name = parse_marker_file_name(file_name);
    if (!name) continue;
    if (name->kind == MarkerKind::plan_summary) work.plans.insert(name->plan);
    if (name->kind == MarkerKind::task_summary && is_accepted_summary(text))
      work.tasks.insert(TaskAddress{name->plan, name->task});
  }
  return work;
}

}  // namespace konductor::records
