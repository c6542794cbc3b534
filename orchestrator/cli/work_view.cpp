// SPDX-License-Identifier: MIT
#include "cli/work_view.hpp"

#include "base/text.hpp"
#include "driver/execute.hpp"

namespace konductor::cli {

Result<PhaseWork> read_work(const ports::Journal& journal, const std::map<int, plan::Plan>& plans) {
  PhaseWork work;
  KON_TRY(work.state, driver::replay_state(journal, plans, [&work](const engine::Event& event) {
            work.history.apply(event);
          }));
  if (const auto* run = work.state.last_run(); run != nullptr) work.isolation = run->isolation;
  return work;
}

Result<PhaseWork> read_work_of(const ChosenPhase& chosen, const std::map<int, plan::Plan>& plans) {
  const std::string& phase = chosen.location.id;
  const auto journal = platform::SqliteJournal::open_read_only(chosen.layout.database(), phase);
  if (journal.has_error() && journal.error().code != ErrorCode::not_found) return journal.error();
  PhaseWork work;
  if (journal.has_value()) {
    KON_TRY(work, read_work(*journal.value(), plans));
  }
  if (!work.state.has_events())
    return Error{ErrorCode::invalid_input, "phase " + quote(phase) +
                                               " was never executed, so nothing is done yet; run "
                                               "`konductor execute " +
                                               phase + "`"};
  return work;
}

}  // namespace konductor::cli
