// SPDX-License-Identifier: MIT
#include "cli/status_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/operator_action.hpp"
#include "cli/recorded_phase.hpp"
#include "cli/status_view.hpp"
#include "platform/posix_file_store.hpp"
#include "records/state_file.hpp"

namespace konductor::cli {
namespace {

// state.toml is for people and other tools: without it, or with a damaged one, there is less to
// show.
void read_state_file(const ports::FileStore& files, const ChosenPhase& chosen, StatusView& view) {
  const Result<std::string> text = files.read(chosen.layout.state());
  if (text.has_error()) return;
  const Result<records::StateFile> state = records::parse_state(text.value());
  if (state.has_error()) return;
  view.project = state.value().project.name;
  const std::string& phase = state.value().current.phase;
  if (phase == chosen.location.id || phase == chosen.location.directory_name)
    view.step = state.value().current.step;
}

Result<StatusView> look(const StatusOptions& options, const CommonOptions& common) {
  const platform::PosixFileStore files;
  KON_TRY(const ChosenPhase chosen, choose_phase(files, common, options.phase));
  KON_TRY(const driver::PhasePlans phase, load_plans_if_any(files, chosen.location));
  const std::vector<plan::Diagnostic> diagnostics = phase.check();
  StatusView view;
  view.phase = chosen.location.id;
  view.directory_name = chosen.location.directory_name;
  view.plan_errors = static_cast<std::size_t>(std::count_if(
      diagnostics.begin(), diagnostics.end(),
      [](const plan::Diagnostic& found) { return found.severity == plan::Severity::error; }));
  read_state_file(files, chosen, view);
  view.holder = find_lock_holder(chosen.layout.lock(chosen.location.id));
  StatusFold fold;
  KON_TRY(view.progress, read_progress(files, chosen, phase, phase.plans(),
                                       [&fold](const engine::Event& event) { fold.apply(event); }));
  view.now = wall_milliseconds();
  fold.finish(view);
  return view;
}

}  // namespace

int run_status_command(const StatusOptions& options, const CommonOptions& common,
                       Surroundings& around) {
  const Result<StatusView> view = look(options, common);
  if (view.has_error()) return fail(around, common, "status", view.error());
  if (common.is_json)
    print_json(around.out, status_json(view.value()));
  else
    around.out << status_text(view.value(), make_output_paint(around));
  return 0;
}

}  // namespace konductor::cli
