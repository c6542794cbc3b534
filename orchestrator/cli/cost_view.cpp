// SPDX-License-Identifier: MIT
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/cost_command.hpp"
#include "cli/text_table.hpp"

namespace konductor::cli {
namespace {

using engine::CostLine;
using engine::CostSum;
using engine::WorkFate;
using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 10;

std::string dollars(double usd) {
  char text[32];
  std::snprintf(text, sizeof text, "$%.4f", usd);
  return text;
}

std::string about(WorkFate fate) {
  switch (fate) {
    case WorkFate::productive:
      return "of work that counts";
    case WorkFate::wasted:
      return "failed, refused, or begun anew";
    case WorkFate::engine:
      return "cut off with their engine or run";
    case WorkFate::open:
      break;
  }
  return "of tasks that are not settled";
}

std::vector<std::string> sum_cells(const CostSum& sum) {
  if (sum.attempts == 0) return {"0", "-", "-", "-", "-", "-"};
  return {std::to_string(sum.attempts),
          duration_text(sum.seconds),
          std::to_string(sum.usage.input_tokens),
          std::to_string(sum.usage.cache_read_tokens),
          std::to_string(sum.usage.output_tokens),
          money_text(sum)};
}

void add_row(TextTable& table, const std::string& name, std::vector<std::string> cells,
             const std::string& last = "") {
  cells.insert(cells.begin(), name);
  if (!last.empty()) cells.push_back(last);
  table.add(std::move(cells));
}

std::string lines_of(const TextTable& table) {
  std::string text;
  for (const std::string& line : table.lines("  "))
    text += line + "\n";
  return text;
}

TextTable numbers_table() {
  TextTable table;
  for (std::size_t column = 1; column <= 6; ++column)
    table.align_right(column);
  return table;
}

std::string parts_text(const CostView& view) {
  TextTable table = numbers_table();
  add_row(table, "", {"attempts", "time", "input", "cached", "output", "cost"});
  for (const WorkFate fate : engine::kAllFates)
    add_row(table, std::string(engine::to_string(fate)), sum_cells(view.total.part(fate)),
            about(fate));
  add_row(table, "total", sum_cells(view.total.total));
  return lines_of(table);
}

// By money where there is any, else by what is read and written.
std::string part_cell(const CostSum& part, bool has_prices) {
  if (part.attempts == 0) return "-";
  if (has_prices) return money_text(part);
  return std::to_string(part.usage.input_tokens + part.usage.output_tokens);
}

std::vector<std::string> line_cells(const CostLine& line, bool has_prices) {
  std::vector<std::string> cells = sum_cells(line.total);
  for (const WorkFate fate : engine::kAllFates)
    cells.push_back(part_cell(line.part(fate), has_prices));
  return cells;
}

std::string lines_text(const CostView& view) {
  const bool has_prices = view.total.total.usage.cost_usd > 0;
  TextTable table;
  for (std::size_t column = 1; column <= kColumns; ++column)
    table.align_right(column);
  std::vector<std::string> heading = {"attempts", "time", "input", "cached", "output", "cost"};
  for (const WorkFate fate : engine::kAllFates)
    heading.emplace_back(engine::to_string(fate));
  add_row(table, view.by, heading);
  for (const CostLine& line : view.lines)
    add_row(table, one_line(line.name, 60), line_cells(line, has_prices));
  add_row(table, "total", line_cells(view.total, has_prices));
  return lines_of(table) + (has_prices ? "" : "the parts on the right are in tokens\n");
}

// What the numbers leave out.
std::string notes_text(const CostView& view) {
  const CostSum& total = view.total.total;
  std::string text;
  if (total.unpriced > 0)
    text += "of " + counted(static_cast<std::size_t>(total.unpriced), "attempt") +
            " tokens are known and no price, which is in no sum: set price_input, price_output "
            "and price_cache_read of " +
            (view.unpriced_runtimes.empty()
                 ? "[runtimes.NAME]"
                 : "[runtimes." + join(view.unpriced_runtimes, "], [runtimes.") + "]") +
            "\n";
  if (total.untold > 0)
    text += "of " + counted(static_cast<std::size_t>(total.untold), "attempt") +
            " nobody told what was used: it is in no sum\n";
  if (view.running > 0)
    text += "what " + counted(view.running, "attempt") +
            " at work, or cut off, used is known when the end is recorded\n";
  return text;
}

Json part_json(const CostLine& line) {
  Json json;
  for (const WorkFate fate : engine::kAllFates)
    json[std::string(engine::to_string(fate))] = cost_sum_json(line.part(fate));
  return json;
}

}  // namespace

std::string money_text(const CostSum& sum) {
  if (sum.is_cost_known()) return dollars(sum.usage.cost_usd);
  return sum.usage.cost_usd > 0 ? dollars(sum.usage.cost_usd) + "+?" : "?";
}

std::string cost_text(const CostView& view, const Paint& paint) {
  std::string text = paint.bold("phase " + view.phase) + ": " + counted(view.runs, "run") + ", " +
                     counted(static_cast<std::size_t>(view.total.total.attempts), "attempt") +
                     " that ended\n\n";
  text += view.by.empty() ? parts_text(view) : lines_text(view);
  const std::string notes = notes_text(view);
  return notes.empty() ? text : text + "\n" + notes;
}

Json cost_sum_json(const CostSum& sum) {
  Json json;
  json["attempts"] = sum.attempts;
  json["seconds"] = sum.seconds;
  json["input_tokens"] = sum.usage.input_tokens;
  json["cache_read_tokens"] = sum.usage.cache_read_tokens;
  json["output_tokens"] = sum.usage.output_tokens;
  json["cost_usd"] = sum.usage.cost_usd;
  json["unpriced_attempts"] = sum.unpriced;
  json["untold_attempts"] = sum.untold;
  return json;
}

Json cost_json(const CostView& view) {
  Json json;
  json["schema_version"] = 1;
  json["command"] = "cost";
  json["exit"] = 0;
  json["phase"] = view.phase;
  json["runs"] = view.runs;
  json["running_attempts"] = view.running;
  json["total"] = cost_sum_json(view.total.total);
  json["parts"] = part_json(view.total);
  json["by"] = nullptr;
  if (!view.by.empty()) json["by"] = view.by;
  json["lines"] = Json::array();
  for (const CostLine& line : view.lines) {
    Json entry;
    entry["name"] = line.name;
    entry["total"] = cost_sum_json(line.total);
    entry["parts"] = part_json(line);
    json["lines"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace konductor::cli
