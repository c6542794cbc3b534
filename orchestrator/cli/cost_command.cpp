// SPDX-License-Identifier: MIT
#include "cli/cost_command.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "cli/recorded_phase.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

engine::CostKey key_of(const std::string& by) {
  if (by == "plan") return engine::CostKey::plan;
  if (by == "role") return engine::CostKey::role;
  if (by == "model") return engine::CostKey::model;
  return by == "task" ? engine::CostKey::task : engine::CostKey::none;
}

std::vector<std::string> unpriced_runtimes(const std::vector<engine::AttemptCost>& attempts) {
  std::set<std::string> names;
  for (const engine::AttemptCost& attempt : attempts) {
    engine::CostSum sum;
    sum.add(attempt.finished);
    if (sum.unpriced > 0 && !attempt.finished.runtime.empty())
      names.insert(attempt.finished.runtime);
  }
  return {names.begin(), names.end()};
}

Result<CostView> look(const CostOptions& options, const CommonOptions& common) {
  const platform::PosixFileStore files;
  KON_TRY(ChosenPhase chosen, choose_phase(files, common, options.phase));
  engine::CostLedger ledger;
  KON_TRY(const RecordedPhase phase,
          read_phase(files, std::move(chosen),
                     [&ledger](const engine::Event& event) { ledger.apply(event); }));
  KON_TRY_VOID(require_recorded(phase));
  const std::vector<engine::AttemptCost> attempts = ledger.attempts();
  CostView view;
  view.phase = phase.id();
  view.by = options.by;
  view.runs = ledger.runs();
  view.running = ledger.running();
  view.total = engine::total_cost(attempts);
  if (!options.by.empty())
    view.lines = engine::cost_lines(attempts, key_of(options.by), phase.id());
  view.unpriced_runtimes = unpriced_runtimes(attempts);
  return view;
}

}  // namespace

int run_cost_command(const CostOptions& options, const CommonOptions& common,
                     Surroundings& around) {
  const Result<CostView> view = look(options, common);
  if (view.has_error()) return fail(around, common, "cost", view.error());
  if (common.is_json)
    print_json(around.out, cost_json(view.value()));
  else
    around.out << cost_text(view.value(), make_output_paint(around));
  return 0;
}

}  // namespace konductor::cli
