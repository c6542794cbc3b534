// SPDX-License-Identifier: MIT
#include "cli/terminal_report.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "cli/display_text.hpp"
#include "cli/progress_text.hpp"

namespace konductor::cli {
namespace {

using namespace engine::event;  // NOLINT

// What others wrote, in a line of the report.
std::string brief(std::string_view text) {
  constexpr std::size_t kBytesMax = 160;
  return one_line(safe_line(text), kBytesMax);
}

// Of the wall, where the person is; with the date when that is not today's hours any more.
std::string clock_text(std::int64_t milliseconds, std::int64_t now) {
  const std::time_t time = milliseconds / 1000;
  std::tm parts{};
  ::localtime_r(&time, &parts);
  constexpr std::int64_t kDay = 24LL * 3600 * 1000;
  std::array<char, 32> text{};
  const bool is_soon = milliseconds - now < kDay / 2;
  const auto size =
      std::strftime(text.data(), text.size(), is_soon ? "%H:%M:%S" : "%F %H:%M", &parts);
  return {text.data(), size};
}

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1fs", seconds);
  return text.data();
}

std::string budget_text(const std::string& phase, const budget_reached& e) {
  std::array<char, 96> text{};
  if (e.resource == "usd")
    std::snprintf(text.data(), text.size(), "$%.2f of $%.2f", e.used, e.limit);
  else if (e.resource == "tokens")
    std::snprintf(text.data(), text.size(), "%.0f of %.0f tokens", e.used, e.limit);
  else
    std::snprintf(text.data(), text.size(), "%.0f of %.0f minutes", e.used / 60, e.limit / 60);
  if (e.scope == "run") {
    const std::string option = e.resource == "usd" ? "--max-cost" : "--max-time";
    return "this run has reached its limit (" + std::string(text.data()) + ", see " + option +
           "); what is at work ends, run again to go on";
  }
  const std::string whose = e.scope == "phase" ? "of the phase"
                            : e.scope == "plan"
                                ? "of plan " + plan_address_text(phase, e.plan)
                                : "of task " + address_text(phase, {e.plan, e.task});
  return "the budget " + whose + " has no room for another attempt (" + text.data() +
         " used, see [budget]); run again to go on";
}

}  // namespace

TerminalReport::TerminalReport(std::ostream& stream, Paint paint, std::string phase,
                               bool is_verbose)
    : stream_(stream), paint_(paint), phase_(std::move(phase)), is_verbose_(is_verbose) {}

std::string TerminalReport::task_name(int plan, int task) const {
  return paint_.bold(address_text(phase_, {plan, task}));
}

void TerminalReport::line(const engine::Event& event, const std::string& text) {
  say(event.time, text);
}

void TerminalReport::say(std::int64_t time, const std::string& text) {
  if (began_ == 0) began_ = time;
  held_ += paint_.dim("[" + elapsed_text(time - began_) + "]") + " " + text + "\n";
  if (!is_held_) hold(false);
}

void TerminalReport::hold(bool is_held) {
  is_held_ = is_held;
  if (is_held) return;
  stream_ << std::exchange(held_, {}) << std::flush;
}

void TerminalReport::on_attempt_started(const engine::Event& event, const attempt_started& e) {
  std::string text = task_name(e.plan, e.task) + "  " + e.role + " " + purpose_text(e.reason);
  if (e.attempt > 1) text += " (attempt " + std::to_string(e.attempt) + ")";
  line(event, text);
}

void TerminalReport::on_attempt_finished(const engine::Event& event, const attempt_finished& e) {
  if (e.cause == "done") {
    if (is_verbose_)
      line(event,
           task_name(e.plan, e.task) + "  " + e.role + " ended after " + seconds_text(e.seconds));
    return;
  }
  std::string text = task_name(e.plan, e.task) + "  " + e.role + " attempt " +
                     std::to_string(e.attempt) + ": " +
                     (engine::is_excused(e.cause) ? paint_.yellow(e.cause) : paint_.red(e.cause));
  if (!e.detail.empty()) text += " (" + brief(e.detail) + ")";
  line(event, text);
}

void TerminalReport::on_findings(const engine::Event& event,
                                 const std::vector<engine::Finding>& findings) {
  for (const engine::Finding& finding : findings)
    line(event, "    - " + finding.source + ": " + brief(finding.text));
}

void TerminalReport::on_event(const engine::Event& event) {
  std::visit(
      Overloaded{
          [&](const run_started& e) {
            line(event, "phase " + e.phase + ", run " + event.run + ", at most " +
                            std::to_string(e.max_wave_parallelism) + " plans at once");
          },
          [&](const wave_started& e) {
            line(event, paint_.bold("wave " + std::to_string(e.wave)));
          },
          [&](const plan_started& e) {
            line(event, paint_.bold(plan_address_text(phase_, e.plan)) + "  " + brief(e.title));
          },
          [&](const task_started& e) {
            line(event, task_name(e.plan, e.task) + "  " + brief(e.title));
          },
          [&](const attempt_started& e) { on_attempt_started(event, e); },
          [&](const engine::event::attempt_adopted& e) {
            line(event, task_name(e.plan, e.task) + "  " + e.role + " attempt " +
                            std::to_string(e.attempt) + " outlived its engine; going on with it");
          },
          [&](const attempt_finished& e) { on_attempt_finished(event, e); },
          [&](const status_reported& e) {
            std::string text = task_name(e.plan, e.task) + "  says " + e.status;
            if (!e.text.empty()) text += ": " + brief(e.text);
            // Verify commands may take long: who watches has to know what is waited for.
            if (e.status == "DONE") text += "; checking it";
            line(event, text);
          },
          [&](const context_provided& e) {
            line(event, task_name(e.plan, e.task) + "  context from the " + e.source + ": " +
                            brief(e.text));
          },
          [&](const task_split& e) {
            line(event, task_name(e.plan, e.task) + "  split into " +
                            std::to_string(e.tasks.size()) + " tasks");
          },
          [&](const gate_checked& e) {
            if (e.passed && !is_verbose_) return;
            line(event, task_name(e.plan, e.task) + "  gates " +
                            (e.passed ? paint_.green("passed") : paint_.red("failed")));
            on_findings(event, e.findings);
          },
          [&](const review_finished& e) {
            line(event, task_name(e.plan, e.task) + "  " + e.stage + " review: " +
                            (e.verdict == "pass" ? paint_.green("pass") : paint_.red("fail")));
            if (e.verdict != "pass") on_findings(event, e.findings);
          },
          [&](const task_completed& e) {
            line(event, task_name(e.plan, e.task) + "  " + paint_.green("complete"));
          },
          [&](const task_failed& e) {
            line(event,
                 task_name(e.plan, e.task) + "  " + paint_.red("failed") + ": " + brief(e.reason));
          },
          [&](const task_blocked& e) {
            line(event,
                 task_name(e.plan, e.task) + "  " + paint_.red("blocked") + ": " + brief(e.reason));
          },
          [&](const task_needs_manual& e) {
            line(event, task_name(e.plan, e.task) + "  " + paint_.yellow("needs manual review") +
                            ": " + brief(e.reason));
          },
          [&](const task_reset& e) {
            const std::string what =
                e.plan != 0 && e.task == 0 ? "  is merged again: " : "  runs again: ";
            line(event, task_name(e.plan, e.task) + what + brief(e.reason));
          },
          [&](const merge_finished& e) {
            if (e.result == "conflict")
              line(event, paint_.bold(plan_address_text(phase_, e.plan)) + "  " +
                              paint_.red("conflicts") + " in " + join(e.conflicts, ", "));
          },
          [&](const merge_fixed& e) {
            line(event, paint_.bold(plan_address_text(phase_, e.plan)) + "  " +
                            paint_.green("conflict fixed"));
          },
          [&](const conflict_predicted& e) {
            const std::string with =
                e.other == 0 ? "what is merged" : plan_address_text(phase_, e.other);
            line(event, task_name(e.plan, e.task) + "  " + paint_.yellow("will conflict") +
                            " with " + with + " in " + join(e.conflicts, ", "));
          },
          [&](const plan_completed& e) {
            line(event, paint_.bold(plan_address_text(phase_, e.plan)) + "  " +
                            paint_.green("plan complete"));
          },
          [&](const plan_reopened& e) {
            line(event, paint_.bold(plan_address_text(phase_, e.plan)) +
                            "  opened again: " + brief(e.reason));
          },
          [&](const plan_needs_manual& e) {
            line(event, paint_.bold(plan_address_text(phase_, e.plan)) + "  " +
                            paint_.yellow("cannot complete") + ": " + brief(e.reason));
          },
          [&](const plan_skipped& e) {
            line(event, paint_.bold(plan_address_text(phase_, e.plan)) + "  " +
                            paint_.yellow("skipped") + ": " + brief(e.reason));
          },
          [&](const breaker_tripped& e) {
            line(event, paint_.red(e.kind == "blocked"
                                       ? "circuit breaker: too many tasks are blocked"
                                       : "stopping: attempts of several tasks failed in a row, "
                                         "with no success between"));
          },
          [&](const holistic_finished& e) {
            line(event, "holistic review: " +
                            (e.verdict == "pass" ? paint_.green("pass") : paint_.red("fail")));
          },
          [&](const quota_waiting& e) {
            line(event, "runtime " + e.runtime + " is " +
                            paint_.yellow(e.cause == "quota" ? "at its limit" : "overloaded") +
                            ": its attempts wait until " + clock_text(e.until, event.time));
          },
          [&](const budget_reached& e) { line(event, paint_.yellow(budget_text(phase_, e))); },
          [&](const request_taken& e) {
            if (!e.refusal.empty())
              line(event, "asked to " + e.action + ", refused: " + brief(e.refusal));
            else if (e.action == "stop")
              line(event, paint_.yellow("asked to stop") + "; attempts at work are ended");
          },
          [&](const run_paused&) {
            line(event, paint_.yellow("paused") + ": no attempt starts until `konductor resume " +
                            phase_ + "`");
          },
          [&](const run_resumed&) { line(event, "goes on"); },
          [&](const note_given& e) {
            line(event, task_name(e.plan, e.task) + "  is told: " + brief(e.text));
          },
          [&](const skip_requested& e) {
            line(event, task_name(e.plan, e.task) + "  is to be skipped: " + brief(e.reason));
          },
          [&](const retry_requested& e) {
            line(event, task_name(e.plan, e.task) + "  is to run again");
          },
          [&](const task_skipped& e) {
            line(event, task_name(e.plan, e.task) + "  " + paint_.yellow("skipped") + ": " +
                            brief(e.reason));
          },
          [&](const note_recorded& e) {
            if (e.plan == 0 && e.task == 0)
              line(event, brief(e.text));
            else
              line(event, task_name(e.plan, e.task) + "  note: " + brief(e.text));
          },
          [](const auto&) {},
      },
      event.body);
}

}  // namespace konductor::cli
