// SPDX-License-Identifier: MIT
#include "cli/runs_command.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/recorded_phase.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

Result<RunsView> look(const RunsOptions& options, const CommonOptions& common) {
  const platform::PosixFileStore files;
  KON_TRY(ChosenPhase chosen, choose_phase(files, common, options.phase));
  engine::RunLedger ledger;
  KON_TRY(const RecordedPhase phase,
          read_phase(files, std::move(chosen),
                     [&ledger](const engine::Event& event) { ledger.apply(event); }));
  KON_TRY_VOID(require_recorded(phase));
  RunsView view;
  view.phase = phase.id();
  view.runs = ledger.runs();
  // Its engine is at work before the run's first event, too.
  if (phase.holder && !view.runs.empty() && !view.runs.back().finished)
    view.live_run = view.runs.back().run;
  return view;
}

Result<RunsDiff> compare(const RunsView& view, const RunsOptions& options) {
  RunsDiff diff;
  diff.phase = view.phase;
  if (view.runs.size() < 2 && (options.before.empty() || options.after.empty()))
    return Error{ErrorCode::invalid_input, "phase " + quote(view.phase) + " has " +
                                               counted(view.runs.size(), "run") +
                                               ": there is nothing to compare it with"};
  if (options.before.empty()) {
    diff.before = &view.runs[view.runs.size() - 2];
  } else {
    KON_TRY(diff.before, find_run(view, options.before));
  }
  if (options.after.empty()) {
    diff.after = &view.runs.back();
  } else {
    KON_TRY(diff.after, find_run(view, options.after));
  }
  diff.changes = engine::compare_runs(*diff.before, *diff.after);
  return diff;
}

}  // namespace

Result<const engine::RunRecord*> find_run(const RunsView& view, const std::string& part) {
  const engine::RunRecord* found = nullptr;
  std::vector<std::string> fitting;
  for (const engine::RunRecord& run : view.runs) {
    if (run.run == part) return &run;
    if (run.run.find(part) == std::string::npos) continue;
    found = &run;
    fitting.push_back(run.run);
  }
  if (fitting.size() == 1) return found;
  if (fitting.empty())
    return Error{ErrorCode::invalid_input, "no run of phase " + quote(view.phase) + " is called " +
                                               quote(part) + "; see `konductor runs " + view.phase +
                                               "`"};
  return Error{
      ErrorCode::invalid_input,
      quote(part) + " is part of " + counted(fitting.size(), "run") + ": " + join(fitting, ", ")};
}

int run_runs_command(const RunsOptions& options, const CommonOptions& common,
                     Surroundings& around) {
  const std::string name = options.is_diff ? "runs diff" : "runs";
  const Result<RunsView> view = look(options, common);
  if (view.has_error()) return fail(around, common, name, view.error());
  const Paint paint = make_output_paint(around);
  if (!options.is_diff) {
    if (common.is_json)
      print_json(around.out, runs_json(view.value()));
    else
      around.out << runs_text(view.value(), paint);
    return 0;
  }
  const Result<RunsDiff> diff = compare(view.value(), options);
  if (diff.has_error()) return fail(around, common, name, diff.error());
  if (common.is_json)
    print_json(around.out, runs_diff_json(view.value(), diff.value()));
  else
    around.out << runs_diff_text(view.value(), diff.value(), paint);
  return 0;
}

}  // namespace konductor::cli
