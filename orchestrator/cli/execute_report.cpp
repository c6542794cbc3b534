// SPDX-License-Identifier: MIT
#include "cli/execute_report.hpp"

#include "base/role_name.hpp"
#include "cli/ci_report.hpp"
#include "driver/attempt_environment.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

std::unique_ptr<agent::AgentStream> open_stream(const driver::RunFacts& facts,
                                                const std::string& runtime,
                                                const std::string& role) {
  const auto name = parse_role_name(role);
  const auto found = name.has_value() ? facts.roles.find(*name) : facts.roles.end();
  if (found == facts.roles.end()) return nullptr;
  for (const driver::RoleRuntime& one : found->second.runtimes)
    if (runtime.empty() || one.name == runtime) return agent::make_agent_stream(one.settings);
  return nullptr;
}

// What paths of the project begin with when they are seen from the root of the checkout.
std::string checkout_prefix(const std::vector<std::string>& environment, const fs::path& root) {
  const std::string checkout = driver::environment_value(environment, "GITHUB_WORKSPACE");
  if (checkout.empty()) return {};
  std::error_code error;
  const fs::path relative = fs::relative(root, checkout, error);
  const std::string text = relative.generic_string();
  if (error || text.empty() || text == "." || text.rfind("..", 0) == 0) return {};
  return text + "/";
}

CiSubject ci_subject(const driver::RunFacts& facts) {
  CiSubject subject;
  subject.system = ci_system(facts.environment);
  subject.prefix = checkout_prefix(facts.environment, facts.layout.root);
  for (const auto& [number, plan] : facts.plans) {
    subject.places[{number, 0}] = {subject.prefix + plan.path, 1, 0};
    for (const plan::Task& task : plan.tasks)
      subject.places[{number, task.number}] = {subject.prefix + plan.path, task.position.line, 0};
  }
  return subject;
}

}  // namespace

bool is_ci(const ExecuteOptions& options, const std::vector<std::string>& environment) {
  return options.is_ci.value_or(is_ci_environment(environment));
}

bool is_drawable(const std::vector<std::string>& environment) {
  const std::string terminal = driver::environment_value(environment, "TERM");
  return !terminal.empty() && terminal != "dumb";
}

ReportKind choose_report(const ExecuteOptions& options, const CommonOptions& common,
                         const Surroundings& around) {
  if (common.is_quiet) return ReportKind::none;
  if (is_ci(options, around.environment))
    return ci_system(around.environment) == CiSystem::none ? ReportKind::plain : ReportKind::ci;
  const bool is_shared = options.events == "-" && around.is_output_terminal;
  const bool is_live = around.is_error_terminal && is_drawable(around.environment) &&
                       !common.is_json && !options.is_plain && !is_shared &&
                       !options.is_interactive;  // Questions stand between the lines.
  return is_live ? ReportKind::live : ReportKind::plain;
}

std::unique_ptr<RunReport> make_execute_report(ReportKind kind, const driver::RunFacts& facts,
                                               engine::TaskDurations durations, bool is_verbose,
                                               Surroundings& around, const LiveTerminal& terminal) {
  ReportSubject subject;
  subject.phase = facts.phase.id;
  subject.durations = std::move(durations);
  subject.grace = facts.config.execution.grace_period;
  subject.open_stream = [&facts](const std::string& runtime, const std::string& role) {
    return open_stream(facts, runtime, role);
  };
  switch (kind) {
    case ReportKind::live:
      return make_live_report(terminal, subject, is_verbose);
    case ReportKind::ci:
      return make_ci_report(around.err, subject, ci_subject(facts));
    case ReportKind::plain:
      return make_plain_report(around.err, terminal.paint, subject, is_verbose);
    case ReportKind::none:
      break;
  }
  return nullptr;
}

void print_annotations(std::ostream& stream, const std::vector<std::string>& environment,
                       const fs::path& root, const std::vector<plan::Diagnostic>& diagnostics) {
  const CiSystem system = ci_system(environment);
  const std::string prefix = checkout_prefix(environment, root);
  for (const plan::Diagnostic& found : diagnostics) {
    const bool is_error = found.severity == plan::Severity::error;
    const std::string text =
        found.message + (found.hint.empty() ? std::string() : "\n" + found.hint);
    stream << annotation_text(system, is_error ? AnnotationLevel::error : AnnotationLevel::warning,
                              {prefix + found.path, found.position.line, found.position.column}, "",
                              text);
  }
}

}  // namespace konductor::cli
