// SPDX-License-Identifier: MIT
#include "cli/run_reports.hpp"

#include <filesystem>
#include <fstream>

#include "base/role_name.hpp"
#include "base/text.hpp"
#include "driver/attempt_environment.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

std::string seen_from(const std::string& directory, const std::string& path) {
  return path.empty() ? path : (fs::path(directory) / path).string();
}

Result<std::map<TaskAddress, std::string>> read_summaries(const engine::RunState& state,
                                                          const ports::Journal& journal) {
  std::map<TaskAddress, std::string> summaries;
  for (const auto& [number, plan] : state.plans()) {
    for (const engine::TaskRecord* task : state.tasks_of(number)) {
      const auto accepted = task->accepted.find(RoleName::executor);
      if (accepted == task->accepted.end()) continue;
      const std::string name =
          engine::attempt_name(task->address, to_string(RoleName::executor), accepted->second);
      KON_TRY(std::optional<std::string> text, journal.document(name));
      if (text) summaries[task->address] = std::move(*text);
    }
  }
  return summaries;
}

Result<void> append(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << text << std::flush;
  if (!file.good())
    return Error{ErrorCode::environment, "cannot write the summary to " + quote(path) +
                                             ", which GITHUB_STEP_SUMMARY names"};
  return {};
}

}  // namespace

RunReports::RunReports(const ExecuteOptions& options, const std::string& directory,
                       const std::vector<std::string>& environment)
    : junit_(seen_from(directory, options.junit)), summary_(seen_from(directory, options.summary)) {
  const bool is_github = !driver::environment_value(environment, "GITHUB_ACTIONS").empty();
  if (summary_.empty() && is_github)
    step_summary_ = driver::environment_value(environment, "GITHUB_STEP_SUMMARY");
}

bool RunReports::is_wanted() const {
  return !junit_.empty() || !summary_.empty() || !step_summary_.empty();
}

Result<void> RunReports::check() const {
  std::error_code unused;
  for (const std::string& path : {junit_, summary_})
    if (!path.empty() && fs::is_directory(path, unused))
      return Error{ErrorCode::invalid_input,
                   quote(path) + " is a directory; give --junit and --summary the names of files"};
  return {};
}

Result<void> RunReports::write(ports::FileStore& files, const ResultDocument& document,
                               const engine::RunState& state, const ports::Journal* journal) const {
  ReportFacts facts{document, document.state == nullptr ? state : *document.state};
  std::vector<engine::RunRecord> runs = ledger_.runs();
  if (!runs.empty()) facts.run = std::move(runs.back());
  if (journal != nullptr && !junit_.empty()) {
    KON_TRY(facts.summaries, read_summaries(facts.state, *journal));
  }
  if (!junit_.empty()) KON_TRY_VOID(files.write(junit_, junit_report(facts)));
  if (!summary_.empty()) KON_TRY_VOID(files.write(summary_, summary_report(facts)));
  if (!step_summary_.empty()) KON_TRY_VOID(append(step_summary_, summary_report(facts)));
  return {};
}

}  // namespace konductor::cli
