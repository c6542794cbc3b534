// SPDX-License-Identifier: MIT
#include "cli/plan_commands.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/phase_view.hpp"
#include "cli/plan_sarif.hpp"
#include "cli/plan_views.hpp"
#include "plan/graph.hpp"
#include "plan/plan_check.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

// The plans of one phase and what is wrong with them.
struct LoadedPhase {
  ChosenPhase chosen;
  driver::PhasePlans phase;
  PlansByNumber plans;
  std::vector<plan::Diagnostic> diagnostics;

  [[nodiscard]] const std::string& id() const { return chosen.location.id; }
};

std::string command_name(PlanOptions::Verb verb) {
  switch (verb) {
    case PlanOptions::Verb::check:
      return "plan check";
    case PlanOptions::Verb::list:
      return "plan list";
    case PlanOptions::Verb::show:
      return "plan show";
    case PlanOptions::Verb::graph:
      break;
  }
  return "plan graph";
}

Result<LoadedPhase> load(const ports::FileStore& files, const CommonOptions& common,
                         const std::string& phase, bool is_strict) {
  LoadedPhase loaded;
  KON_TRY(loaded.chosen, choose_phase(files, common, phase));
  KON_TRY(loaded.phase, driver::load_phase_plans(files, loaded.chosen.location));
  loaded.plans = loaded.phase.plans();
  loaded.diagnostics = judged(loaded.phase.check(), is_strict);
  return loaded;
}

Error see_check(const LoadedPhase& loaded) {
  return Error{ErrorCode::invalid_input, "the plans of phase " + quote(loaded.id()) + " have " +
                                             count_text(loaded.diagnostics) +
                                             "; see `konductor plan check " + loaded.id() + "`"};
}

// What the gates would find in the project as it is now.
plan::FileLookup lookup_below(const fs::path& root) {
  return [root](std::string_view path) {
    const fs::path whole = root / path;
    std::error_code error;
    if (!fs::is_regular_file(whole, error)) return plan::FileKind::missing;
    return ::access(whole.c_str(), X_OK) == 0 ? plan::FileKind::executable : plan::FileKind::plain;
  };
}

// The way from the root of the repository around the project to the project: "" or "a/b/".
std::string place_in_repository(const fs::path& root) {
  std::error_code error;
  for (fs::path at = root;; at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) {
      const std::string way = root.lexically_relative(at).string();
      return way == "." ? "" : way + "/";
    }
    if (at == at.parent_path()) return {};
  }
}

Result<int> check(const ports::FileStore& files, const PlanOptions& options,
                  const CommonOptions& common, Surroundings& around) {
  KON_TRY(const LoadedPhase loaded, load(files, common, options.phase, options.is_strict));
  const int exit = plan::has_errors(loaded.diagnostics) ? 2 : 0;
  if (options.format == "sarif")
    print_json(around.out,
               sarif_log(loaded.diagnostics, place_in_repository(loaded.chosen.layout.root)));
  else if (common.is_json || options.format == "json")
    print_json(around.out, check_json(loaded.id(), loaded.diagnostics, exit));
  else if (!common.is_quiet || !loaded.diagnostics.empty())
    around.out << check_text(loaded.id(), loaded.plans, loaded.diagnostics);
  return exit;
}

Result<int> list(const ports::FileStore& files, const PlanOptions& options,
                 const CommonOptions& common, Surroundings& around) {
  KON_TRY(const LoadedPhase loaded, load(files, common, options.phase, false));
  KON_TRY(const PhaseProgress progress,
          read_progress(files, loaded.chosen, loaded.phase, loaded.plans));
  const bool is_faulty = plan::has_errors(loaded.diagnostics);
  const int exit = is_faulty ? 2 : 0;
  if (common.is_json)
    print_json(around.out, list_json(loaded.id(), loaded.plans, progress.state, exit));
  else
    around.out << list_text(loaded.id(), loaded.plans, progress.state);
  if (is_faulty) report_error(around, see_check(loaded));
  return exit;
}

// The plan a person named; a file of that number with errors is no plan.
Result<const plan::Plan*> find_plan(const LoadedPhase& loaded, int number) {
  for (const plan::LoadedPlan& file : loaded.phase.loaded)
    if (file.file_number == number && !file.plan)
      return Error{
          ErrorCode::invalid_input,
          quote(file.path) + " has errors; see `konductor plan " + "check " + loaded.id() + "`"};
  const auto found = loaded.plans.find(number);
  if (found != loaded.plans.end()) return &found->second;
  std::vector<std::string> there;
  for (const auto& [known, plan] : loaded.plans)
    there.push_back(plan_text(known));
  return Error{ErrorCode::invalid_input, "no plan " +
                                             quote(plan_address_text(loaded.id(), number)) +
                                             "; there is " + join(there, ", ")};
}

Result<int> show(const ports::FileStore& files, const PlanOptions& options,
                 const CommonOptions& common, Surroundings& around) {
  KON_TRY(const AddressText address, parse_address(options.address, AddressKind::plan));
  KON_TRY(const LoadedPhase loaded, load(files, common, address.phase.value_or(""), false));
  KON_TRY(const plan::Plan* plan, find_plan(loaded, *address.plan));
  const plan::FileLookup lookup = lookup_below(loaded.chosen.layout.root);
  if (common.is_json)
    print_json(around.out, show_json(loaded.id(), *plan, lookup));
  else
    around.out << show_text(loaded.id(), *plan, lookup);
  return 0;
}

// Titles may hold anything, and a terminal obeys some of it.
std::string graph_text(const std::string& phase, std::vector<plan::Plan> plans,
                       const std::string& format) {
  constexpr std::size_t kTitleMax = 200;
  for (plan::Plan& plan : plans)
    plan.title = one_line(plan.title, kTitleMax);
  return format == "dot" ? plan::graph_dot(phase, plans) : plan::graph_tree(phase, plans);
}

Result<int> graph(const ports::FileStore& files, const PlanOptions& options,
                  const CommonOptions& common, Surroundings& around) {
  KON_TRY(const LoadedPhase loaded, load(files, common, options.phase, false));
  // A graph with a cycle or a missing end would mislead.
  if (plan::has_errors(loaded.diagnostics)) return see_check(loaded);
  std::vector<plan::Plan> plans;
  for (const auto& [number, plan] : loaded.plans)
    plans.push_back(plan);
  if (common.is_json || options.format == "json")
    print_json(around.out, graph_json(loaded.id(), plans));
  else
    around.out << graph_text(loaded.id(), std::move(plans), options.format);
  return 0;
}

Result<int> run_verb(const PlanOptions& options, const CommonOptions& common,
                     Surroundings& around) {
  const platform::PosixFileStore files;
  switch (options.verb) {
    case PlanOptions::Verb::check:
      return check(files, options, common, around);
    case PlanOptions::Verb::list:
      return list(files, options, common, around);
    case PlanOptions::Verb::show:
      return show(files, options, common, around);
    case PlanOptions::Verb::graph:
      break;
  }
  return graph(files, options, common, around);
}

}  // namespace

int run_plan_command(const PlanOptions& options, const CommonOptions& common,
                     Surroundings& around) {
  const Result<int> exit = run_verb(options, common, around);
  if (exit.has_value()) return exit.value();
  const bool is_json = common.is_json || options.format == "json";
  CommonOptions told = common;
  told.is_json = is_json;
  return fail(around, told, command_name(options.verb), exit.error());
}

}  // namespace konductor::cli
