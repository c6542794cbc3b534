// SPDX-License-Identifier: MIT
#include "records/results_file.hpp"

#include <toml++/toml.h>

#include <limits>
#include <sstream>

#include "base/text.hpp"

namespace konductor::records {
namespace {

Error wrong_key(std::string_view key, std::string_view expected) {
  return Error{ErrorCode::invalid_input, quote(key) + " must be " + std::string(expected)};
}

Result<std::string> read_text(const toml::table& table, std::string_view key) {
  const auto text = table[key].value_exact<std::string>();
  if (!text) return wrong_key(key, "a string");
  return *text;
}

Result<int> read_number(const toml::table& table, std::string_view key) {
  const auto number = table[key].value_exact<std::int64_t>();
  if (!number || *number < 0 || *number > std::numeric_limits<int>::max())
    return wrong_key(key, "a number");
  return static_cast<int>(*number);
}

Result<toml::table> parse_results_text(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::invalid_input, "line " + std::to_string(error.source().begin.line) +
                                               ": " + std::string(error.description())};
  }
}

void append_line(std::string& out, std::string_view key, const toml::node& value) {
  std::ostringstream text;
  text << toml::toml_formatter(value);
  out += std::string(key) + " = " + text.str() + "\n";
}

}  // namespace

std::string results_file_name(std::string_view phase, int plan) {
  return "execute-" + std::string(phase) + "-plan-" + std::to_string(plan) + ".toml";
}

std::string to_toml(const ExecuteResult& result) {
  // Line by line: in the order that the format is described in.
  std::string out;
  append_line(out, "step", toml::value("execute"));
  append_line(out, "phase", toml::value(result.phase));
  append_line(out, "plan", toml::value(result.plan));
  append_line(out, "wave", toml::value(result.wave));
  append_line(out, "status", toml::value(result.is_ok ? "ok" : "error"));
  append_line(out, "tasks_total", toml::value(result.tasks_total));
  append_line(out, "tasks_completed", toml::value(result.tasks_completed));
  append_line(out, "timestamp", toml::value(result.timestamp));
  return out;
}

Result<ExecuteResult> parse_execute_result(std::string_view text) {
  KON_TRY(const toml::table table, parse_results_text(text));
  KON_TRY(const std::string step, read_text(table, "step"));
  if (step != "execute") return wrong_key("step", "\"execute\"");
  ExecuteResult result;
  KON_TRY(result.phase, read_text(table, "phase"));
  KON_TRY(result.plan, read_number(table, "plan"));
  KON_TRY(result.wave, read_number(table, "wave"));
  KON_TRY(const std::string status, read_text(table, "status"));
  if (status != "ok" && status != "error") return wrong_key("status", "\"ok\" or \"error\"");
  result.is_ok = status == "ok";
  KON_TRY(result.tasks_total, read_number(table, "tasks_total"));
  KON_TRY(result.tasks_completed, read_number(table, "tasks_completed"));
  KON_TRY(result.timestamp, read_text(table, "timestamp"));
  return result;
}

}  // namespace konductor::records
