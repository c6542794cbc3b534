// SPDX-License-Identifier: MIT
#include "cli/progress_screen.hpp"

#include <algorithm>

#include "cli/display_text.hpp"
#include "cli/progress_text.hpp"

namespace konductor::cli {
namespace {

constexpr std::string_view kGap = "  ";

// One part of a line. What is less important than others goes first when there is no room.
struct Part {
  std::string text;
  int importance = 0;
};

std::size_t width_of(const std::vector<Part>& parts) {
  std::size_t width = 0;
  for (const Part& part : parts)
    width += display_width(part.text) + (width == 0 ? 0 : kGap.size());
  return width;
}

std::string text_of(const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts)
    text += (text.empty() ? "" : std::string(kGap)) + part.text;
  return text;
}

// Leaves out what there is no room for; the last part is cut.
std::string fit_parts(std::vector<Part> parts, std::size_t columns) {
  std::erase_if(parts, [](const Part& part) { return part.text.empty(); });
  while (parts.size() > 1 && width_of(parts) > columns)
    parts.erase(std::min_element(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return a.importance < b.importance;
    }));
  return fit(text_of(parts), columns);
}

std::string tokens_part(const engine::Usage& usage) {
  return usage.input_tokens + usage.output_tokens == 0 ? "" : tokens_text(usage) + " tokens";
}

std::string waves_part(const RunProgress& progress) {
  if (progress.first_wave == 0) return {};
  std::string text = "wave " + std::to_string(progress.first_wave);
  if (progress.last_wave != progress.first_wave) text += "-" + std::to_string(progress.last_wave);
  return text + " of " + std::to_string(progress.waves);
}

std::string rest_part(const RunProgress& progress, std::int64_t now) {
  if (!progress.rest_seconds || !progress.stopping.empty()) return {};
  const double rest = *progress.rest_seconds - static_cast<double>(now - progress.rest_at) / 1000;
  // It takes longer than expected: nobody knows how much.
  return rest <= 0 ? std::string() : about_text(rest) + " left";
}

std::string header(const RunProgress& progress, std::size_t columns, std::int64_t now) {
  const engine::Usage usage = usage_of(progress);
  const std::string open =
      progress.tasks_open == 0 ? "" : std::to_string(progress.tasks_open) + " not done";
  return fit_parts(
      {{"phase " + progress.phase, 3},
       {waves_part(progress), 4},
       {std::to_string(progress.tasks_completed) + "/" + std::to_string(progress.tasks) + " tasks",
        9},
       {open, 6},
       {elapsed_text(now - progress.began), 8},
       {tokens_part(usage), 1},
       {cost_text(usage), 5},
       {rest_part(progress, now), 7}},
      columns);
}

std::string doing(const PlanProgress& plan, std::int64_t now) {
  if (plan.waits_until > now)
    return "waiting for the limit of " + plan.waits_for + ", " +
           elapsed_text(plan.waits_until - now) + " left";
  if (plan.activity.empty()) return plan.step;
  return plan.role + ": " + plan.activity;
}

// How much a screen of that width has room for.
struct Columns {
  bool has_wave = false;
  bool has_title = false;
  bool has_time = false;
  bool has_cost = false;
  bool has_tokens = false;
  std::size_t time_width = 0;
};

Columns columns_of(const RunProgress& progress, std::size_t width, std::int64_t now) {
  Columns columns;
  for (const auto& [number, plan] : progress.running)
    columns.time_width = std::max(columns.time_width, elapsed_text(now - plan.since).size());
  columns.has_time = width >= 30;
  columns.has_title = width >= 50;
  const engine::Usage usage = usage_of(progress);
  columns.has_cost = width >= 64 && usage.cost_usd > 0;
  columns.has_tokens = width >= 76 && usage.input_tokens + usage.output_tokens > 0;
  columns.has_wave = width >= 60 && progress.first_wave != progress.last_wave;
  return columns;
}

// Right-aligned, so that the eye finds the same figure in the same place.
std::string figures(const PlanProgress& plan, const Columns& columns, std::int64_t now) {
  const auto right = [](const std::string& text, std::size_t width) {
    return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
  };
  const engine::Usage usage = usage_of(plan);
  const bool has_used = usage.input_tokens + usage.output_tokens > 0;
  std::string text;
  if (columns.has_time)
    text += std::string(kGap) + right(elapsed_text(now - plan.since), columns.time_width);
  if (columns.has_tokens) text += std::string(kGap) + right(has_used ? tokens_text(usage) : "", 5);
  if (columns.has_cost) text += std::string(kGap) + right(cost_text(usage), 6);
  return text;
}

ScreenLine plan_line(const std::string& phase, const PlanProgress& plan, const Columns& columns,
                     std::size_t width, std::int64_t now, const Paint& paint) {
  const std::string address = fit(address_text(phase, plan.task), width);
  const std::string right = figures(plan, columns, now);
  std::string wave;
  if (columns.has_wave) wave = std::string(kGap) + "w" + std::to_string(plan.wave);
  const std::size_t taken = display_width(address) + wave.size() + right.size();
  std::size_t room = width > taken ? width - taken : 0;
  std::string title;
  if (columns.has_title && room > kGap.size()) {
    const std::size_t most = std::max<std::size_t>(12, room * 2 / 5);
    title = std::string(kGap) + fit_and_fill(plan.title, std::min(most, room) - kGap.size());
    room -= std::min(room, display_width(title));
  }
  std::string what;
  if (room > kGap.size())
    what = std::string(kGap) + fit_and_fill(doing(plan, now), room - kGap.size());
  ScreenLine line;
  line.width = display_width(address) + wave.size() + display_width(title) + display_width(what) +
               right.size();
  line.text = paint.bold(address) + wave + title + paint.dim(what) + right;
  return line;
}

ScreenLine plain_line(const std::string& text, std::size_t width) {
  const std::string cut = fit(text, width);
  return {cut, display_width(cut)};
}

// Lines for the view on a screen of so many rows; the cursor stands in one below it.
std::size_t rows_for_view(std::size_t rows) {
  const std::size_t scrolled = std::max<std::size_t>(2, rows / 4);
  return rows > scrolled + 2 ? rows - scrolled - 1 : 1;
}

}  // namespace

std::vector<ScreenLine> render_progress(const RunProgress& progress, const ScreenSize& size,
                                        std::int64_t now, const Paint& paint) {
  // Behind the last column terminals differ in where the cursor is.
  const std::size_t width = size.columns > 1 ? size.columns - 1 : 1;
  std::size_t room = rows_for_view(size.rows);
  std::vector<ScreenLine> lines;
  const std::string head = header(progress, width, now);
  lines.push_back({paint.bold(head), display_width(head)});
  if (!progress.stopping.empty() && room > 1) {
    const std::string stop = fit(progress.stopping, width);
    lines.push_back({paint.yellow(stop), display_width(stop)});
  }
  room -= std::min(room, lines.size());
  const Columns columns = columns_of(progress, width, now);
  const std::size_t all = progress.running.size();
  const std::size_t shown = all <= room ? all : (room == 0 ? 0 : room - 1);
  std::size_t count = 0;
  for (const auto& [number, plan] : progress.running) {
    if (count++ == shown) break;
    lines.push_back(plan_line(progress.phase, plan, columns, width, now, paint));
  }
  if (all > shown && room > 0)
    lines.push_back(plain_line("… and " + std::to_string(all - shown) + " more", width));
  return lines;
}

}  // namespace konductor::cli
