// SPDX-License-Identifier: MIT
#include "cli/ci_report.hpp"

#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "base/text.hpp"
#include "samples.hpp"
#include "support/golden.hpp"

using namespace konductor;
using namespace konductor::cli;
namespace event = konductor::engine::event;

namespace {

constexpr std::int64_t kStart = 1'769'860'800'000;

// Two tasks side by side, the second of which fails its review.
std::string story(CiSystem system) {
  std::ostringstream out;
  ReportSubject subject;
  subject.phase = "01";
  CiSubject ci;
  ci.system = system;
  ci.prefix = "api/";
  ci.places[{1, 0}] = {"api/plans/001.md", 1, 0};
  ci.places[{1, 1}] = {"api/plans/001.md", 14, 0};
  ci.places[{2, 1}] = {"api/plans/002.md", 15, 0};
  const auto report = make_ci_report(out, subject, ci);
  engine::RunState state = samples::fresh_state();
  report->on_start(state);
  std::int64_t seconds = 0;
  const auto tell = [&](engine::EventBody body) {
    const engine::Event told{kStart + seconds++ * 1000, "r1", std::move(body)};
    REQUIRE(state.apply(told).has_value());
    report->on_event(told);
  };
  tell(event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "worktree"});
  tell(event::wave_started{1});
  tell(event::plan_started{1, 1, 0, "Plan 1"});
  tell(event::plan_started{2, 1, 1, "Plan 2"});
  tell(event::task_started{1, 1, "Task 1", "c0"});
  tell(event::task_started{2, 1, "Task 1", "c0"});
  tell(samples::started(1, 1));
  tell(samples::started(2, 1));
  tell(samples::finished(1, 1));
  tell(event::status_reported{1, 1, 1, "DONE", {}, ""});
  tell(samples::finished(2, 1));
  tell(event::status_reported{2, 1, 1, "DONE", {}, "all ##[error]well"});
  tell(event::gate_checked{1, 1, true, "spec", {}, {}, {}});
  tell(event::gate_checked{2, 1, true, "spec", {}, {}, {}});
  auto review = samples::started(2, 1);
  review.role = "spec-reviewer";
  review.reason = "review";
  tell(review);
  auto reviewed = samples::finished(2, 1);
  reviewed.role = "spec-reviewer";
  tell(reviewed);
  tell(event::review_finished{2,
                              1,
                              "spec",
                              "fail",
                              {{"significant", "spec-reviewer", "src/a.cpp:12 — 100 % wrong"},
                               {"minor", "spec-reviewer", "`src/b.cpp:3` odd"},
                               {"significant", "spec-reviewer", "nothing works"}}});
  tell(event::task_completed{1, 1, "c1", "f", false});
  tell(event::task_needs_manual{2, 1, "two reviews failed"});
  tell(event::plan_completed{1, false});
  tell(event::task_started{2, 2, "Task 2", "c1"});
  tell(samples::started(2, 2));
  tell(event::run_finished{1, "incomplete", "none", ""});
  return out.str();
}

std::string visible(std::string text) {
  text = std::regex_replace(text, std::regex("\x1b"), "<ESC>");
  return std::regex_replace(text, std::regex("\r"), "<CR>");
}

}  // namespace

TEST_CASE("a run as GitHub Actions and GitLab CI are told of it") {
  test::require_golden("ci_github.txt", story(CiSystem::github));
  test::require_golden("ci_gitlab.txt", visible(story(CiSystem::gitlab)));
}

TEST_CASE("groups do not lie in each other, and each is ended") {
  int depth = 0;
  int groups = 0;
  const std::string text = story(CiSystem::github);
  for (const std::string_view line : split_lines(text)) {
    if (line.rfind("::group::", 0) == 0) ++depth, ++groups;
    if (line.rfind("::endgroup::", 0) == 0) --depth;
    REQUIRE((depth == 0 || depth == 1));
  }
  CHECK(depth == 0);
  CHECK(groups == 3);
}

TEST_CASE("the place of a finding is a file of the repository") {
  const auto place = [](const char* text) {
    const AnnotationPlace found = place_of_finding(text, "api/");
    return found.path + "@" + std::to_string(found.line);
  };
  CHECK(place("src/a.cpp:12 — text") == "api/src/a.cpp@12");
  CHECK(place("`src/a.cpp:12` text") == "api/src/a.cpp@12");
  CHECK(place("a.cpp:12:5: text") == "api/a.cpp@12");
  CHECK(place("src/a.cpp — text") == "@0");
  CHECK(place("/etc/passwd:1 text") == "@0");
  CHECK(place("../other/a.cpp:1 text") == "@0");
  CHECK(place("note: text") == "@0");
  CHECK(place("std::string is wrong") == "@0");
  CHECK(place("") == "@0");
}
