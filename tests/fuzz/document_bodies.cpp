// SPDX-License-Identifier: MIT
// What is held of texts that people and agents wrote: plans, documents, settings, code.
#include <algorithm>
#include <array>
#include <optional>

#include "agent/assessment.hpp"
#include "agent/last_message.hpp"
#include "agent/prompt_template.hpp"
#include "agent/research.hpp"
#include "agent/review.hpp"
#include "agent/role.hpp"
#include "agent/summary.hpp"
#include "agent/typed_document.hpp"
#include "base/text.hpp"
#include "config/config.hpp"
#include "fuzz/bodies.hpp"
#include "gates/code_lines.hpp"
#include "gates/secrets.hpp"
#include "gates/test_text.hpp"
#include "gates/weakening.hpp"
#include "plan/fingerprint.hpp"
#include "plan/plan_check.hpp"
#include "plan/plan_loader.hpp"
#include "plan/verify_commands.hpp"
#include "records/markers.hpp"
#include "records/results_file.hpp"
#include "records/state_file.hpp"

namespace fuzz {

using namespace konductor;
using std::string_view;

namespace {

std::size_t line_count(string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) +
         static_cast<std::size_t>(std::count(text.begin(), text.end(), '\r')) + 1;
}

void check(const std::vector<plan::Diagnostic>& diagnostics, string_view input) {
  for (const plan::Diagnostic& each : diagnostics) {
    require(each.position.line >= 1 && each.position.column >= 1, "positions begin at 1");
    require(static_cast<std::size_t>(each.position.line) <= line_count(input) + 1,
            "a mistake stands in the file");
    require(!each.message.empty(), "a mistake has a text");
    require(is_valid_utf8(plan::format_diagnostic(each)), "what is told is text");
  }
}

bool has_error(const std::vector<plan::Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const plan::Diagnostic& each) {
    return each.severity == plan::Severity::error;
  });
}

void plan_file(string_view input) {
  const plan::LoadedPlan loaded = plan::load_plan("plans/001.md", input);
  check(loaded.diagnostics, input);
  require(loaded.plan.has_value() != has_error(loaded.diagnostics), "a plan, or what is wrong");
  check(plan::check_plans("01", {loaded}), input);
  if (!loaded.plan) return;
  int number = 0;
  for (const plan::Task& task : loaded.plan->tasks) {
    require(task.number == ++number, "tasks are numbered one after the other");
    require(!trim(task.action).empty(), "a task has an action");
    require(!plan::task_fingerprint(task).empty(), "a task has a fingerprint");
  }
  const plan::LoadedPlan again = plan::load_plan("plans/001.md", loaded.plan->text);
  require(again.plan && again.plan->tasks == loaded.plan->tasks, "what was read reads the same");
}

void sub_tasks(string_view input) {
  if (!is_valid_utf8(input)) return;  // It is part of a document, which is text.
  std::vector<plan::Diagnostic> diagnostics;
  const std::vector<plan::Task> tasks = plan::parse_tasks(input, diagnostics);
  check(diagnostics, input);
  if (has_error(diagnostics)) return;
  for (const plan::Task& task : tasks)
    require(!trim(task.action).empty(), "a sub-task has an action");
}

void verify(string_view input) {
  for (const plan::VerifyStep& step : plan::parse_verify(input, {"src/a.cpp", "docs/"})) {
    require(!trim(step.text).empty(), "a step says what to run or where to look");
    const bool has_code = step.expect == plan::VerifyStep::Expect::exit_code;
    require(has_code == (step.exit_code != 0), "an exit code is expected where one is told");
    require(step.exit_code >= 0 && step.exit_code <= 255, "programs exit with a byte");
    if (step.kind != plan::VerifyStep::Kind::file_exists) (void)plan::words_of_command(step.text);
  }
}

void summary(string_view input) {
  const Result<agent::Summary> parsed = agent::parse_summary(input);
  if (!parsed) return;
  const agent::Summary& first = parsed.value();
  require(is_valid_utf8(first.text), "a document is text");
  require(!records::is_accepted_summary(first.text),
          "only the engine says that a task is accepted");
  const Result<agent::Summary> again = agent::parse_summary(first.text);
  require(again && again.value().status == first.status, "what is filed says the same");
  require(again.value().text == first.text, "what is filed is filed as it is");
  for (const agent::Concern& each : first.concerns)
    require(!each.text.empty(), "a concern says something");
  require(again.value().concerns == first.concerns, "the same concerns");
  if (first.status != agent::Status::done && first.status != agent::Status::done_with_concerns)
    return;
  const std::string accepted = records::accepted_summary(first.text);
  require(records::is_accepted_summary(accepted), "what the engine accepts is accepted");
  require(records::accepted_summary(accepted) == accepted, "and accepted once");
  require(!records::is_accepted_summary(records::without_review_status(accepted)),
          "and taken back");
}

void review(string_view input) {
  const Result<agent::Review> parsed = agent::parse_review(input, "spec-reviewer");
  if (!parsed) return;
  require(is_valid_utf8(parsed.value().text), "a document is text");
  for (const engine::Finding& each : parsed.value().findings)
    require(each.source == "spec-reviewer", "a finding says whose it is");
  const Result<agent::Review> again = agent::parse_review(parsed.value().text, "spec-reviewer");
  require(again && again.value().is_pass == parsed.value().is_pass, "what is filed says the same");
}

void answers(string_view input) {
  if (const Result<std::string> context = agent::parse_research(input))
    require(!trim(context.value()).empty(), "an answer says something");
  if (const auto assessment = agent::parse_assessment(input)) {
    using Decision = agent::Assessment::Decision;
    const agent::Assessment& decided = assessment.value();
    require(decided.decision != Decision::context || !trim(decided.context).empty(), "a context");
    require(decided.decision != Decision::split || !trim(decided.tasks_markdown).empty(), "tasks");
  }
  if (const auto concerns = agent::parse_concern_assessment(input))
    for (const agent::Concern& each : concerns.value())
      require(each.is_actionable.has_value(), "every concern is marked");
  const std::string message = agent::document_of_message(input);
  require(message.size() <= input.size(), "a message is no shorter than its document");
}

// Nothing that stands in the object can say another status, or hand in what it does not.
void typed_documents(string_view input) {
  using agent::TypedDocument;
  if (const auto written = agent::markdown_of_answer(TypedDocument::summary, input)) {
    const Result<agent::Summary> parsed = agent::parse_summary(written.value());
    require(parsed.has_value(), "what the engine wrote, the engine reads");
    require(!records::is_accepted_summary(written.value()), "nobody accepts himself");
  }
  if (const auto written = agent::markdown_of_answer(TypedDocument::review, input)) {
    const Result<agent::Review> parsed = agent::parse_review(written.value(), "code-reviewer");
    require(parsed.has_value(), "what the engine wrote, the engine reads");
  }
}

void role_file(string_view input) {
  const Result<agent::Role> role = agent::parse_role("konductor-executor.toml", input);
  if (!role) require(!role.error().message.empty(), "a mistake has a text");
}

void prompt_template(string_view input) {
  const agent::Holes holes = {{"role", "{{phase}}"}, {"phase", "01"}};
  const Result<std::string> filled = agent::fill_template("executor.md", input, holes);
  if (!filled) require(!filled.error().message.empty(), "a mistake has a text");
}

void config_file(string_view input) {
  config::ConfigSources sources;
  sources.project_file = config::ConfigFile{".konductor/config.toml", std::string(input)};
  const Result<config::Config> loaded = config::load_config(sources);
  if (loaded)
    (void)config::list_values(loaded.value());
  else
    require(!loaded.error().message.empty(), "a mistake has a text");
}

void state_file(string_view input) {
  if (const auto result = records::parse_execute_result(input)) {
    const auto again = records::parse_execute_result(records::to_toml(result.value()));
    require(again && again.value() == result.value(), "a result reads as it was written");
  }
  Result<records::StateFile> parsed = records::parse_state(input);
  if (!parsed) return;
  records::StateFile& state = parsed.value();
  const Result<records::StateFile> again = records::parse_state(records::to_toml(state));
  require(again.has_value(), "what was written can be read");
  require(again.value().blockers == state.blockers, "no blocker is lost");
  records::add_blocker(state, "01", "01/002/3", "why \"not\"", "2026-01-02T03:04:05Z");
  records::set_step(state, "01", "executing", "busy", "2026-01-02T03:04:05Z");
  const Result<records::StateFile> changed = records::parse_state(records::to_toml(state));
  require(changed && changed.value().current.step == "executing", "what was set is there");
  require(changed.value().blockers == state.blockers, "a blocker that came is there");
}

// The first half is what a file was, the second what became of it.
void code(string_view input) {
  static constexpr std::array<string_view, 6> kPaths = {"tests/a_test.py",  "a_test.go",
                                                        "src/lib.rs",       "a.spec.ts",
                                                        "tests/a_test.cpp", "test/a_spec.rb"};
  const string_view path = kPaths.at(input.size() % kPaths.size());
  for (const gates::CodeLine& line : gates::code_lines(input, path.substr(path.rfind('.') + 1)))
    require(line.number >= 1 && static_cast<std::size_t>(line.number) <= line_count(input),
            "a line stands in the file");
  for (const gates::Skip& skip : gates::read_tests(path, input).skips)
    require(!skip.marker.empty() && skip.line >= 1, "a skip says what and where it is");
  const std::string before(input.substr(0, input.size() / 2));
  const std::string after(input.substr(input.size() / 2));
  const std::string name(path);
  require(gates::find_weakening({{name, before, before, false, false}}, false).empty(),
          "what is as it was is not weaker");
  (void)gates::find_weakening({{name, before, after, false, false}}, false);
  require(gates::find_new_secrets({{name, after, after}}).empty(), "what was there is not new");
  for (const gates::SecretPlace& place : gates::find_new_secrets({{name, before, after}}))
    require(place.path == name && place.line >= 1, "a secret says where it is");
}

}  // namespace

const std::vector<Target>& document_targets() {
  static const std::vector<Target> all = {
      {"plan", plan_file},
      {"sub_tasks", sub_tasks},
      {"verify", verify},
      {"summary", summary},
      {"review", review},
      {"answers", answers},
      {"typed_documents", typed_documents},
      {"role", role_file},
      {"template", prompt_template},
      {"config", config_file},
      {"state", state_file},
      {"code", code},
  };
  return all;
}

}  // namespace fuzz
