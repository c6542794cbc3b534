// SPDX-License-Identifier: MIT
#include "cli/run_cli.hpp"

#include <boost/system/system_error.hpp>
#include <exception>
#include <new>
#include <nlohmann/json.hpp>

#include "base/overloaded.hpp"
#include "cli/act_command.hpp"
#include "cli/agents_command.hpp"
#include "cli/clean_command.hpp"
#include "cli/completions_command.hpp"
#include "cli/config_sources.hpp"
#include "cli/conformance_command.hpp"
#include "cli/diff_command.hpp"
#include "cli/doctor_command.hpp"
#include "cli/documents_command.hpp"
#include "cli/execute_command.hpp"
#include "cli/init_command.hpp"
#include "cli/look_command.hpp"
#include "cli/pager.hpp"
#include "cli/plan_commands.hpp"
#include "cli/result_json.hpp"
#include "cli/rollback_command.hpp"
#include "cli/show_command.hpp"
#include "cli/status_command.hpp"
#include "cli/version_text.hpp"
#include "cli/watch_command.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

// The document of an execution that did not come to a run.
void print_execute_error(Surroundings& around, const CommandLine& line, const Error& error,
                         int exit, const std::string& outcome) {
  ResultDocument document;
  if (line.command)
    if (const auto* execute = std::get_if<ExecuteOptions>(&*line.command))
      document.phase = execute->phase;
  document.exit = exit;
  document.outcome = outcome;
  document.message = error.message;
  document.errors.push_back(result_error(error));
  around.out << result_json(document) << "\n";
}

int report_usage(Surroundings& around, const CommandLine& line) {
  around.err << line.error << "\n";
  if (!line.common.is_json) return line.exit;
  const Error error{ErrorCode::invalid_input, line.message};
  if (line.name == "execute")
    print_execute_error(around, line, error, line.exit, "invalid");
  else
    report_error_json(around, line.name, error);
  return line.exit;
}

// A mistake in `--set` is told by those, too, that read no configuration. `execute` tells it in its
// own document.
Result<void> check_sets(const CommandLine& line, const Surroundings& around) {
  if (line.common.sets.empty() || line.name == "execute") return {};
  const platform::PosixFileStore files;
  KON_TRY([[maybe_unused]] const config::Config config,
          load_configuration(files, settings_layout(line.common.directory), line.common,
                             around.environment));
  return {};
}

}  // namespace

int run_cli(int argc, const char* const* argv, Surroundings& around) {
  const CommandLine line = parse_command_line(argc, argv);
  if (!line.error.empty()) return report_usage(around, line);
  if (line.asks_version) {
    print_version(around, line.common.is_json);
    return 0;
  }
  if (!line.command) {
    around.out << line.output;
    return line.exit;
  }
  const CommonOptions& common = line.common;
  const Result<void> sets = check_sets(line, around);
  if (sets.has_error()) return fail(around, common, line.name, sets.error());
  std::optional<Pager> pager;
  if (is_paged(*line.command, common)) pager.emplace(around);
  return std::visit(
      Overloaded{
          [&](const InitOptions& options) { return run_init_command(options, common, around); },
          [&](const PlanOptions& options) { return run_plan_command(options, common, around); },
          [&](const ExecuteOptions& options) {
            return run_execute_command(options, common, around);
          },
          [&](const StatusOptions& options) { return run_status_command(options, common, around); },
          [&](const ActOptions& options) { return run_act_command(options, common, around); },
          [&](const DiffOptions& options) { return run_diff_command(options, common, around); },
          [&](const ShowOptions& options) { return run_show_command(options, common, around); },
          [&](const RollbackOptions& options) {
            return run_rollback_command(options, common, around);
          },
          [&](const AgentsOptions& options) { return run_agents_command(options, common, around); },
          [&](const ConformanceOptions& options) {
            return run_conformance_command(options, common, around);
          },
          [&](const LookCommand& command) { return run_look_command(command, common, around); },
          [&](const WatchOptions& options) { return run_watch_command(options, common, around); },
          [&](const CleanOptions& options) { return run_clean_command(options, common, around); },
          [&](const DoctorOptions&) { return run_doctor_command(common, around); },
          [&](const CompletionsOptions& options) {
            return run_completions_command(options, common, around);
          },
          [&](const CompleteOptions& options) { return run_complete_command(options, around); },
          [&](const DocumentsOptions& options) { return run_documents_command(options, around); },
      },
      *line.command);
}

namespace {

// What a library could not return: a system that has no more of something, or a bug.
Error error_of(const std::exception* thrown) {
  const std::string what = thrown == nullptr ? "unknown exception" : thrown->what();
  const std::string advice = "; what was recorded is kept, run the command again to go on";
  ErrorCode code = ErrorCode::internal;
  if (const auto* error = dynamic_cast<const boost::system::system_error*>(thrown);
      error != nullptr && error->code().category() == boost::system::system_category())
    code = error_from_errno(error->code().value(), "").code;
  if (dynamic_cast<const std::bad_alloc*>(thrown) != nullptr) code = ErrorCode::environment;
  if (code == ErrorCode::environment)
    return Error{code, "the system has no more to give: " + what + advice};
  return Error{ErrorCode::internal, "internal error: " + what + advice};
}

}  // namespace

int report_lost_output(Surroundings& around, int exit) {
  around.err << "konductor: error: cannot write to stdout; is its disk full?\n";
  return exit == 0 ? exit_code_of(Error{ErrorCode::environment, ""}) : exit;
}

int report_exception(int argc, const char* const* argv, Surroundings& around,
                     const std::exception* thrown) {
  const Error error = error_of(thrown);
  const int exit = exit_code_of(error);
  around.err << "konductor: error: " << error.message << "\n";
  const CommandLine line = parse_command_line(argc, argv);
  if (line.common.is_json && line.name == "execute")
    print_execute_error(around, line, error, exit,
                        error.code == ErrorCode::environment ? "environment" : "failed");
  else if (line.common.is_json)
    report_error_json(around, line.name, error);
  return exit;
}

}  // namespace konductor::cli
