// SPDX-License-Identifier: MIT
#include "cli/ci_report.hpp"

#include <charconv>
#include <sstream>

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "cli/display_text.hpp"
#include "cli/progress_text.hpp"
#include "cli/terminal_report.hpp"

namespace konductor::cli {
namespace {

using namespace engine::event;  // NOLINT

constexpr std::size_t kAnnotationsMax = 10;  // Of a task; more are not shown anyway.

// What is told of one task, until it ends.
struct TaskLog {
  std::int64_t began = 0;
  std::vector<std::string> lines;
  int attempts = 0;
  engine::Usage usage;
  std::vector<engine::Finding> findings;  // That nothing was done about yet.
};

// "failed", when the event ends its task.
std::string ending_of(const engine::EventBody& body) {
  return std::visit(Overloaded{
                        [](const task_completed&) { return "complete"; },
                        [](const task_failed&) { return "failed"; },
                        [](const task_blocked&) { return "blocked"; },
                        [](const task_needs_manual&) { return "needs manual review"; },
                        [](const task_split&) { return "split"; },
                        [](const merge_fixed&) { return "conflict fixed"; },
                        [](const holistic_finished&) { return "reviewed"; },
                        [](const auto&) { return ""; },
                    },
                    body);
}

std::string told_reason(const engine::EventBody& body) {
  return std::visit(Overloaded{
                        [](const task_failed& e) { return e.reason; },
                        [](const task_blocked& e) { return e.reason; },
                        [](const task_needs_manual& e) { return e.reason; },
                        [](const plan_skipped& e) { return e.reason; },
                        [](const auto&) { return std::string(); },
                    },
                    body);
}

class CiReport final : public RunReport {
 public:
  CiReport(std::ostream& stream, const ReportSubject& subject, CiSubject ci)
      : stream_(stream),
        phase_(subject.phase),
        ci_(std::move(ci)),
        brief_(brief_text_, Paint(false), subject.phase, false),
        whole_(whole_text_, Paint(false), subject.phase, true),
        fold_(subject.phase, subject.durations),
        grace_(subject.grace) {}

  void on_start(const engine::RunState& state) override {
    state_ = &state;
    fold_.start(state);
  }

  void on_event(const engine::Event& event) override {
    fold_.apply(event);
    brief_.on_event(event);
    whole_.on_event(event);
    const std::vector<std::string> brief = take(brief_text_);
    const std::vector<std::string> whole = take(whole_text_);
    std::optional<TaskAddress> subject = engine::subject_of(event.body);
    if (std::holds_alternative<holistic_finished>(event.body)) subject = kPhaseAddress;
    const std::string ending = ending_of(event.body);
    if (subject) remember(*subject, event, whole);
    // The details of a line follow with its task.
    if (!brief.empty() && ending.empty()) write(brief.front());
    if (subject && !ending.empty()) end_task(*subject, event, ending);
    annotate(event.body, subject);
    if (std::holds_alternative<run_finished>(event.body)) end_what_is_left(event.time);
    stream_ << std::flush;
  }

  void note(const std::string& text) override {
    write("konductor: note: " + text);
    stream_ << std::flush;
  }

  void on_stop(int signal, int count, std::int64_t now) override {
    brief_.say(now, stop_text(fold_.progress(), signal, count, grace_));
    for (const std::string& line : take(brief_text_))
      write(line);
    stream_ << std::flush;
  }

 private:
  static std::vector<std::string> take(std::ostringstream& text) {
    std::vector<std::string> lines;
    const std::string whole = text.str();
    for (const std::string_view line : split_lines(whole))
      lines.emplace_back(safe_indented(line));
    text.str("");
    return lines;
  }

  // Findings are set in, which has to stay.
  static std::string safe_indented(std::string_view line) {
    const auto first = line.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return std::string(first, ' ') + safe_line(line.substr(first));
  }

  void write(const std::string& line) { stream_ << without_commands(ci_.system, line) << "\n"; }

  static bool is_of_task(const TaskAddress& address, const engine::EventBody& body) {
    if (address.task != 0) return true;
    // The phase's review and a plan's merge are worked on like tasks.
    return std::holds_alternative<attempt_started>(body) ||
           std::holds_alternative<attempt_finished>(body) ||
           std::holds_alternative<status_reported>(body) ||
           std::holds_alternative<gate_checked>(body) ||
           std::holds_alternative<review_finished>(body);
  }

  void remember(const TaskAddress& address, const engine::Event& event,
                const std::vector<std::string>& lines) {
    if (!is_of_task(address, event.body)) return;
    // What follows the end of a task in silence begins no new story.
    if (lines.empty() && logs_.count(address) == 0) return;
    TaskLog& log = logs_[address];
    if (log.began == 0) log.began = event.time;
    log.lines.insert(log.lines.end(), lines.begin(), lines.end());
    if (const auto* finished = std::get_if<attempt_finished>(&event.body)) {
      ++log.attempts;
      engine::add(log.usage, finished->usage);
    } else if (const auto* gates = std::get_if<gate_checked>(&event.body)) {
      log.findings = gates->passed ? std::vector<engine::Finding>() : gates->findings;
    } else if (const auto* review = std::get_if<review_finished>(&event.body)) {
      log.findings = review->verdict == "pass" ? std::vector<engine::Finding>() : review->findings;
    }
  }

  std::string title(const TaskAddress& address, const TaskLog& log, const std::string& ending,
                    std::int64_t now) const {
    std::vector<std::string> facts = {counted(static_cast<std::size_t>(log.attempts), "attempt"),
                                      elapsed_text(now - log.began)};
    if (log.usage.input_tokens + log.usage.output_tokens > 0)
      facts.push_back(tokens_text(log.usage) + " tokens");
    if (log.usage.cost_usd > 0) facts.push_back(cost_text(log.usage));
    const std::string name = state_ == nullptr || address.task == 0
                                 ? std::string()
                                 : "  " + safe_line(state_->title_of(address));
    return "[" + elapsed_text(now - fold_.progress().began) + "] " + address_text(phase_, address) +
           "  " + ending + name + " (" + join(facts, ", ") + ")";
  }

  void end_task(const TaskAddress& address, const engine::Event& event, const std::string& ending) {
    const auto found = logs_.find(address);
    // Taken over from a file, without anything that happened.
    if (found == logs_.end()) return;
    tell(address, found->second, ending, event.time);
    if (!told_reason(event.body).empty()) annotate_findings(found->second);
    logs_.erase(found);
  }

  void tell(const TaskAddress& address, const TaskLog& log, const std::string& ending,
            std::int64_t now) {
    LogGroup group;
    std::string plain = address_text(phase_, address);
    for (char& c : plain)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    group.name = "konductor_" + plain + "_" + std::to_string(++groups_);
    group.title = title(address, log, ending, now);
    group.began = log.began / 1000;
    group.ended = now / 1000;
    group.lines = log.lines;
    // What went wrong is to be seen.
    group.is_folded = ending == "complete";
    stream_ << group_text(ci_.system, group);
  }

  void end_what_is_left(std::int64_t now) {
    for (const auto& [address, log] : logs_)
      tell(address, log, "not ended", now);
    logs_.clear();
  }

  void annotate(const engine::EventBody& body, const std::optional<TaskAddress>& subject) {
    if (const auto* breaker = std::get_if<breaker_tripped>(&body)) {
      stream_ << annotation_text(ci_.system, AnnotationLevel::error, {}, "circuit breaker",
                                 breaker->kind == "blocked"
                                     ? "too many tasks are blocked"
                                     : "attempts of several tasks failed in a row");
      return;
    }
    const std::string reason = told_reason(body);
    if (reason.empty() || !subject) return;
    const bool is_error =
        std::holds_alternative<task_failed>(body) || std::holds_alternative<task_blocked>(body);
    const bool is_skipped = std::holds_alternative<plan_skipped>(body);
    stream_ << annotation_text(
        ci_.system, is_error ? AnnotationLevel::error : AnnotationLevel::warning,
        place_of(*subject),
        address_text(phase_, *subject) + " " + (is_skipped ? "skipped" : ending_of(body)),
        safe_line(reason));
  }

  AnnotationPlace place_of(const TaskAddress& address) const {
    auto found = ci_.places.find(address);
    // One that a split made stands in no file.
    if (found == ci_.places.end()) found = ci_.places.find({address.plan, 0});
    return found == ci_.places.end() ? AnnotationPlace() : found->second;
  }

  void annotate_findings(const TaskLog& log) {
    std::size_t count = 0;
    for (const engine::Finding& finding : log.findings) {
      const AnnotationPlace place = place_of_finding(finding.text, ci_.prefix);
      if (place.path.empty()) continue;
      if (++count > kAnnotationsMax) return;
      stream_ << annotation_text(
          ci_.system,
          finding.severity == "minor" ? AnnotationLevel::warning : AnnotationLevel::error, place,
          finding.source, safe_line(finding.text));
    }
  }

  std::ostream& stream_;
  std::string phase_;
  CiSubject ci_;
  std::ostringstream brief_text_;
  std::ostringstream whole_text_;
  TerminalReport brief_;
  TerminalReport whole_;
  ProgressFold fold_;
  std::chrono::milliseconds grace_;
  const engine::RunState* state_ = nullptr;
  std::map<TaskAddress, TaskLog> logs_;
  int groups_ = 0;
};

}  // namespace

AnnotationPlace place_of_finding(std::string_view text, const std::string& prefix) {
  text = trim(text);
  if (text.substr(0, 1) == "`") text.remove_prefix(1);
  const std::string_view first = text.substr(0, text.find_first_of(" \t`"));
  const auto colon = first.find(':');
  const std::string_view path = first.substr(0, colon);
  const bool is_path =
      path.find('.') != std::string_view::npos || path.find('/') != std::string_view::npos;
  const bool is_inside =
      !path.empty() && path.front() != '/' && path.find("..") == std::string_view::npos;
  if (colon == std::string_view::npos || !is_path || !is_inside) return {};
  const std::string_view number = first.substr(colon + 1);
  AnnotationPlace place;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), place.line);
  if (read.ec != std::errc() || place.line < 1) return {};
  place.path = prefix + std::string(path);
  return place;
}

std::unique_ptr<RunReport> make_ci_report(std::ostream& stream, const ReportSubject& subject,
                                          CiSubject ci) {
  return std::make_unique<CiReport>(stream, subject, std::move(ci));
}

}  // namespace konductor::cli
