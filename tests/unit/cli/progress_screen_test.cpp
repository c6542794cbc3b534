// SPDX-License-Identifier: MIT
#include "cli/progress_screen.hpp"

#include <catch2/catch.hpp>

#include "cli/display_text.hpp"
#include "support/golden.hpp"

using namespace konductor;
using namespace konductor::cli;

namespace {

constexpr std::int64_t kStart = 1'769'860'800'000;
constexpr std::int64_t kNow = kStart + 192'000;

PlanProgress at_work(int plan, int task, const std::string& title, const std::string& activity) {
  PlanProgress line;
  line.wave = 1;
  line.task = {plan, task};
  line.title = title;
  line.role = "executor";
  line.step = "executor works";
  line.activity = activity;
  line.since = kStart + 100'000;
  line.usage = {3000, 200, 0, 0.11};
  return line;
}

RunProgress sample() {
  RunProgress progress;
  progress.phase = "01";
  progress.began = kStart;
  progress.waves = 3;
  progress.first_wave = 1;
  progress.last_wave = 1;
  progress.tasks = 17;
  progress.tasks_completed = 4;
  progress.usage = {120'000, 8000, 0, 1.37};
  progress.rest_seconds = 500;
  progress.rest_at = kNow - 20'000;
  progress.running[1] = at_work(1, 2, "Greeting by name", "Edit src/greet.cpp");
  progress.running[2] = at_work(2, 1, "A title that is longer than most titles are in a plan", "");
  progress.running[2].step = "checking its work";
  progress.running[2].role.clear();
  progress.running[3] = at_work(3, 1, "日本語の題名とても長い", "$ make test TARGET=すべて");
  progress.running[3].usage = {};
  progress.running[4] = at_work(4, 1, "naïve e\xCC\x81mojis 🎉🎉", "Reading the plan");
  progress.running[4].since = kNow - 3'700'000;
  return progress;
}

// What stands on the screen, with the size and a frame around it.
std::string drawn(const RunProgress& progress, std::size_t columns, std::size_t rows) {
  std::string text = std::to_string(columns) + " x " + std::to_string(rows) + "\n";
  for (const ScreenLine& line : render_progress(progress, {columns, rows}, kNow, Paint(false))) {
    CAPTURE(line.text);
    CHECK(line.width == display_width(line.text));
    CHECK(line.width < columns);
    text += "|" + fit_and_fill(line.text, columns) + "|\n";
  }
  return text + "\n";
}

}  // namespace

TEST_CASE("the live view on screens of several sizes") {
  std::string text;
  for (const std::size_t columns : std::initializer_list<std::size_t>{160, 100, 80, 60, 40, 24, 10})
    text += drawn(sample(), columns, 24);
  RunProgress fresh;
  fresh.phase = "01";
  fresh.began = kNow;
  fresh.tasks = 3;
  text += "nothing runs yet: " + drawn(fresh, 80, 24);
  RunProgress waves = sample();
  waves.last_wave = 2;
  waves.running[2].wave = 2;
  waves.tasks_open = 2;
  text += "two waves: " + drawn(waves, 110, 24);
  RunProgress stopping = sample();
  stopping.stopping = "stopping on SIGINT: waiting for 01/001/2 executor, killed after 10s";
  text += "stopping: " + drawn(stopping, 80, 24);
  RunProgress waiting = sample();
  waiting.running[1].waits_for = "claude";
  waiting.running[1].waits_until = kNow + 272'000;
  text += "at a limit: " + drawn(waiting, 100, 24);
  RunProgress late = sample();
  late.rest_seconds = 5;
  text += "later than expected: " + drawn(late, 100, 24);
  test::require_golden("live_view.txt", text);
}

TEST_CASE("of 300 plans as many are shown as there is room for") {
  RunProgress progress = sample();
  for (int plan = 1; plan <= 300; ++plan)
    progress.running[plan] = at_work(plan, 1, "Plan " + std::to_string(plan), "works");
  const auto lines = [&](std::size_t rows) {
    return render_progress(progress, {80, rows}, kNow, Paint(false));
  };
  const auto usual = lines(24);
  REQUIRE(usual.size() == 17);
  CHECK(usual.back().text == "… and 285 more");
  CHECK(lines(60).back().text == "… and 258 more");
  CHECK(lines(400).size() == 299);
  CHECK(lines(500).size() == 301);
  CHECK(lines(6).back().text == "… and 299 more");
  // Some of what scrolls, and the line of the cursor, have their place on every screen.
  for (std::size_t rows = 1; rows < 100; ++rows)
    CHECK(lines(rows).size() <= std::max<std::size_t>(1, rows < 4 ? 1 : rows - 3));
}

TEST_CASE("colours take no room") {
  const auto plain = render_progress(sample(), {80, 24}, kNow, Paint(false));
  const auto painted = render_progress(sample(), {80, 24}, kNow, Paint(true));
  REQUIRE(plain.size() == painted.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    CHECK(plain[i].width == painted[i].width);
    CHECK(safe_line(painted[i].text) == safe_line(plain[i].text));
  }
}
