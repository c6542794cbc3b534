// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "plan/plan.hpp"

namespace konductor::cli {

// The process around a command, so that tests can give another one.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  std::vector<std::string> environment;  // "NAME=value"
  bool is_error_terminal = false;        // stderr is a terminal.
  bool is_input_terminal = false;
  bool is_output_terminal = false;  // stdout is one.
  std::string commit = "unknown";   // Of the source that the program was made from.
  std::istream* in = nullptr;       // stdin, for short questions; may be null. The caller's.
};

// 2 for what a person typed or wrote, 5 for a held phase, 6 for the machine.
int exit_code_of(const Error& error);

// "konductor: error: …" on stderr; returns the exit code.
int report_error(Surroundings& around, const Error& error);

// `{"schema_version": 1, "command": …, "exit": …, "error": …}`, of `watch` one line; the exit code.
int report_error_json(Surroundings& around, std::string_view command, const Error& error);

// One or the other, as the options ask.
int fail(Surroundings& around, const CommonOptions& common, std::string_view command,
         const Error& error);

// Prints one document, with whatever is not UTF-8 replaced.
void print_json(std::ostream& stream, const nlohmann::ordered_json& document);

// Text of an agent's or a file's, made safe for a terminal: one line, no control characters, cut at
// `length_max` bytes.
std::string one_line(std::string_view text, std::size_t length_max = 2000);

// "1 plan", "2 plans".
std::string counted(std::size_t count, std::string_view noun);

// "512 bytes", "1.5 MB".
std::string bytes_text(std::uintmax_t bytes);

// "850 ms", "12.5 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);

// "2 errors, 1 warning".
std::string count_text(const std::vector<plan::Diagnostic>& diagnostics);

// Under `--strict` every warning is an error.
std::vector<plan::Diagnostic> judged(std::vector<plan::Diagnostic> diagnostics, bool is_strict);

// Colours, where they are wanted.
class Paint {
 public:
  explicit Paint(bool is_on) : is_on_(is_on) {}
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string red(std::string_view text) const { return wrap("31", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string bold(std::string_view text) const { return wrap("1", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool is_on_;
};
// On for a terminal, unless NO_COLOR is set or TERM is dumb: of stderr, and of stdout.
Paint make_paint(const Surroundings& around);
Paint make_output_paint(const Surroundings& around);

}  // namespace konductor::cli
