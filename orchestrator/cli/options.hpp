// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/act_options.hpp"
#include "cli/look_options.hpp"

namespace konductor::cli {

// What stands before or behind every command.
struct CommonOptions {
  std::string directory = ".";  // -C
  bool is_quiet = false;
  bool is_verbose = false;
  bool is_json = false;
  std::vector<std::string> sets;  // --set section.key=value
};

struct InitOptions {
  std::string name;  // Of the project; "" is the folder's name.
  bool has_example = false;
  bool takes_suggestions = false;  // Asks nothing, at a terminal neither.
};

struct PlanOptions {
  enum class Verb { check, list, show, graph };
  Verb verb = Verb::check;
  std::string phase;            // "" is the current one.
  std::string address;          // show
  std::string format = "text";  // check: text, json or sarif; graph: text, dot or json.
  bool is_strict = false;
};

struct ExecuteOptions {
  std::string phase;
  bool is_dry_run = false;
  bool is_strict = false;
  std::string plan;                    // --plan
  std::string only;                    // --only
  std::optional<int> until_wave;       // --until-wave
  std::vector<std::string> approvals;  // --approve
  std::vector<std::string> retries;    // --retry
  bool retries_blocked = false;
  bool rebuilds_markers = false;
  bool takes_over = false;
  std::string events;                     // --events FILE|-
  std::string record;                     // --record DIR
  std::string junit;                      // --junit FILE
  std::string summary;                    // --summary FILE
  std::optional<bool> is_ci;              // --ci, --no-ci; the environment says it without them.
  bool is_plain = false;                  // --progress plain
  double usd_max = 0;                     // --max-cost; 0: not given.
  std::chrono::milliseconds time_max{0};  // --max-time; 0: not given.
  bool is_interactive = false;
};

struct WatchOptions {
  std::string phase;
  bool is_plain = false;  // --progress plain
};

struct StatusOptions {
  std::string phase;
};

struct DiffOptions {
  std::string address;  // Of a phase, a plan or a task.
  bool is_stat = false;
  bool is_name_only = false;
};

struct ShowOptions {
  std::string address;         // Of a task, or of a plan.
  bool is_prompt = false;      // --prompt
  std::string role;            // --role; "" is any.
  std::optional<int> attempt;  // --attempt
};

struct RollbackOptions {
  std::string address;
  bool is_dry_run = false;
};

struct CleanOptions {
  std::string phase;                // "" is all of them.
  std::vector<std::string> forced;  // --force NAME
  bool is_dry_run = false;
  bool removes_logs = false;                            // --logs
  std::optional<std::chrono::milliseconds> older_than;  // --older-than
};

struct AgentsOptions {
  enum class Verb { list, test };
  Verb verb = Verb::list;
  std::string name;  // test
  // Longer than an agent needs to begin its work, shorter than it is told to wait.
  std::chrono::milliseconds interrupt_after = std::chrono::seconds(30);
};

struct ConformanceOptions {
  std::string runtime;
  std::string only;  // Lies whose name holds this; "" is all of them.
};

struct DoctorOptions {};

struct CompletionsOptions {
  std::string shell;
};

// Called by the scripts of shells: what is typed, without the program's name. The last word is the
// one that is to be completed.
struct CompleteOptions {
  std::vector<std::string> words;
};

// Called by the build: where the files go that are installed beside the program.
struct DocumentsOptions {
  std::string directory;
};

using Command = std::variant<InitOptions, PlanOptions, ExecuteOptions, StatusOptions, ActOptions,
                             DiffOptions, ShowOptions, RollbackOptions, CleanOptions, AgentsOptions,
                             ConformanceOptions, LookCommand, WatchOptions, DoctorOptions,
                             CompletionsOptions, CompleteOptions, DocumentsOptions>;

// The outcome of reading the command line: a command, or text to print and an exit code (help,
// version, usage errors).
struct CommandLine {
  CommonOptions common;
  std::optional<Command> command;
  std::string output;   // For stdout.
  std::string error;    // For stderr; already begins "konductor: error: ".
  std::string message;  // The error alone, for JSON.
  std::string name;     // Of the command that was meant, as far as it can be told: "plan check".
  int exit = 0;
  bool asks_version = false;  // Instead of all of these.
};

CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace konductor::cli
