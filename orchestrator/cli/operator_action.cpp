// SPDX-License-Identifier: MIT
#include "cli/operator_action.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "driver/leftovers.hpp"
#include "driver/run_context.hpp"
#include "engine/event_json.hpp"
#include "engine/work_history.hpp"
#include "platform/boost_process_launcher.hpp"
#include "platform/git_cleanup.hpp"
#include "platform/posix_file_store.hpp"
#include "records/markers.hpp"
#include "records/state_file.hpp"

namespace konductor::cli {
namespace {

driver::Task<Result<int>> sweep(platform::BoostProcessLauncher& launcher,
                                std::vector<std::string> tokens) {
  int ended = 0;
  for (const std::string& token : tokens) {
    const Result<int> swept = co_await launcher.sweep(token);
    if (swept.has_error()) co_return swept.error();
    ended += swept.value();
  }
  co_return ended;
}

}  // namespace

std::int64_t wall_milliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string operator_run(std::int64_t now) {
  std::string text = "operator-";
  for (const char c : engine::time_text(now))
    if (c != '-' && c != ':') text += c;
  return text;
}

Result<void> resolve_in_state_file(ports::FileStore& files, const ChosenPhase& chosen,
                                   const std::vector<std::string>& addresses, std::int64_t now) {
  const Result<std::string> text = files.read(chosen.layout.state());
  if (text.has_error()) {
    if (text.error().code == ErrorCode::not_found) return {};
    return text.error();
  }
  Result<records::StateFile> state = records::parse_state(text.value());
  if (state.has_error()) return state.error().with_context(".konductor/state.toml");
  std::size_t resolved = 0;
  for (const std::string& address : addresses)
    resolved += records::resolve_blockers(state.value(), chosen.location.id, address,
                                          engine::time_text(now));
  if (resolved == 0) return {};
  return files.write(chosen.layout.state(), records::to_toml(state.value()));
}

Result<void> remove_markers(ports::FileStore& files, const driver::PhaseLocation& location,
                            const std::vector<TaskAddress>& tasks) {
  using records::MarkerKind;
  for (const TaskAddress& task : tasks) {
    for (const MarkerKind kind :
         {MarkerKind::task_summary, MarkerKind::spec_review, MarkerKind::quality_review})
      KON_TRY_VOID(
          files.remove(location.plans() / records::marker_file_name({kind, task.plan, task.task})));
    KON_TRY_VOID(files.remove(location.plans() /
                              records::marker_file_name({MarkerKind::plan_summary, task.plan, 0})));
  }
  return files.remove(location.directory / records::kPhaseReviewFile);
}

Result<void> remove_dead_locks(const driver::ProjectLayout& layout, const std::string& phase,
                               const ports::Journal& journal) {
  for (const char* isolation : {"worktree", "none"}) {
    const auto directory = platform::reference_directory(layout.root, isolation);
    if (!platform::may_have_dead_locks(directory)) continue;
    engine::WorkHistory history;
    KON_TRY_VOID(journal.replay([&history](engine::Event&& event) -> Result<void> {
      history.apply(event);
      return {};
    }));
    KON_TRY_VOID(platform::remove_dead_locks(directory, {phase, history.runs()}));
  }
  return {};
}

Result<void> end_leftovers(const engine::RunState& state, const driver::ProjectLayout& layout,
                           const Redactor& redactor) {
  std::vector<std::string> tokens = driver::leftover_tokens(state, layout);
  if (tokens.empty()) return {};
  boost::asio::io_context context(1);
  platform::BoostProcessLauncher launcher(context.get_executor());
  Result<int> ended = 0;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context, sweep(launcher, std::move(tokens)),
                        [&](std::exception_ptr error, Result<int> swept) {
                          thrown = error;
                          if (!error) ended = std::move(swept);
                        });
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  if (ended.has_error()) return ended.error();
  platform::PosixFileStore files;
  for (const std::filesystem::path& directory : driver::leftover_directories(state, layout))
    KON_TRY_VOID(files.redact(directory, redactor));
  return {};
}

}  // namespace konductor::cli
