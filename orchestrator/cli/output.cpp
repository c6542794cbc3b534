// SPDX-License-Identifier: MIT
#include "cli/output.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "driver/attempt_environment.hpp"

namespace konductor::cli {

int exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_input:
    case ErrorCode::not_found:
    case ErrorCode::already_exists:
    case ErrorCode::conflict:
      return 2;
    case ErrorCode::busy:
    case ErrorCode::fenced:
      return 5;
    case ErrorCode::environment:
    case ErrorCode::io:
      return 6;
    case ErrorCode::limit_reached:
      return 7;
    case ErrorCode::cancelled:
    case ErrorCode::internal:
      break;
  }
  return 1;
}

int report_error(Surroundings& around, const Error& error) {
  around.err << "konductor: error: " << error.message << "\n";
  return exit_code_of(error);
}

int report_error_json(Surroundings& around, std::string_view command, const Error& error) {
  nlohmann::ordered_json document;
  document["schema_version"] = 1;
  document["command"] = command;
  document["exit"] = exit_code_of(error);
  document["error"] = to_valid_utf8(error.message);
  // Who reads a stream reads line by line.
  if (command == "watch")
    around.out << document.dump() << "\n" << std::flush;
  else
    print_json(around.out, document);
  return exit_code_of(error);
}

int fail(Surroundings& around, const CommonOptions& common, std::string_view command,
         const Error& error) {
  if (common.is_json) {
    report_error(around, error);
    return report_error_json(around, command, error);
  }
  return report_error(around, error);
}

void print_json(std::ostream& stream, const nlohmann::ordered_json& document) {
  using Handler = nlohmann::ordered_json::error_handler_t;
  stream << document.dump(2, ' ', false, Handler::replace) << "\n";
}

std::string one_line(std::string_view text, std::size_t length_max) {
  std::string line;
  for (const char c : to_valid_utf8(text)) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (!is_control)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  if (line.size() <= length_max) return line;
  // Never in the middle of a character.
  std::size_t end = length_max;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
    --end;
  return line.substr(0, end) + "…";
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string bytes_text(std::uintmax_t bytes) {
  constexpr std::array<const char*, 4> kUnits = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return counted(static_cast<std::size_t>(bytes), "byte");
  double amount = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (amount >= 1000 && unit + 1 < kUnits.size()) {
    amount /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", amount, kUnits.at(unit));
  return text.data();
}

std::string duration_text(double seconds) {
  std::array<char, 48> text{};
  const auto whole = static_cast<long>(std::lround(seconds));
  if (seconds < 1)
    std::snprintf(text.data(), text.size(), "%ld ms", std::lround(seconds * 1000));
  else if (seconds < 60)
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  else if (whole < 3600)
    std::snprintf(text.data(), text.size(), "%ld min %ld s", whole / 60, whole % 60);
  else
    std::snprintf(text.data(), text.size(), "%ld h %ld min", whole / 3600, whole / 60 % 60);
  return text.data();
}

std::string count_text(const std::vector<plan::Diagnostic>& diagnostics) {
  std::size_t errors = 0;
  for (const plan::Diagnostic& diagnostic : diagnostics)
    if (diagnostic.severity == plan::Severity::error) ++errors;
  const std::size_t warnings = diagnostics.size() - errors;
  if (warnings == 0) return counted(errors, "error");
  if (errors == 0) return counted(warnings, "warning");
  return counted(errors, "error") + ", " + counted(warnings, "warning");
}

std::vector<plan::Diagnostic> judged(std::vector<plan::Diagnostic> diagnostics, bool is_strict) {
  if (is_strict)
    for (plan::Diagnostic& diagnostic : diagnostics)
      diagnostic.severity = plan::Severity::error;
  return diagnostics;
}

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  if (!is_on_) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

namespace {

bool is_paint_refused(const Surroundings& around) {
  return !driver::environment_value(around.environment, "NO_COLOR").empty() ||
         driver::environment_value(around.environment, "TERM") == "dumb";
}

}  // namespace

Paint make_paint(const Surroundings& around) {
  return Paint(around.is_error_terminal && !is_paint_refused(around));
}

Paint make_output_paint(const Surroundings& around) {
  return Paint(around.is_output_terminal && !is_paint_refused(around));
}

}  // namespace konductor::cli
