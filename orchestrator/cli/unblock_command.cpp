// SPDX-License-Identifier: MIT
#include "cli/unblock_command.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/operator_action.hpp"
#include "driver/execute.hpp"
#include "platform/file_lock.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

Result<void> check_blocked(const engine::RunState& state, const std::string& name,
                           const TaskAddress& address) {
  const engine::TaskRecord* task = state.task(address);
  if (task == nullptr)
    return Error{
        ErrorCode::invalid_input,
        "no task " + quote(name) + "; see `konductor plan list` and `konductor plan show`"};
  if (std::holds_alternative<engine::state::blocked>(task->state)) return {};
  return Error{ErrorCode::invalid_input, "task " + quote(name) + " is not blocked, it is " +
                                             quote(engine::status_name(task->state)) +
                                             "; `konductor status` shows what is"};
}

struct Unblocked {
  std::string phase;
  std::string name;
  std::string note;  // What could not be brought up to date beside the journal.
};

Result<Unblocked> unblock(const UnblockOptions& options, const CommonOptions& common,
                          const Surroundings& around) {
  platform::PosixFileStore files;
  KON_TRY(const AddressText text, parse_address(options.address, AddressKind::task));
  if (trim(options.context).empty())
    return Error{ErrorCode::invalid_input,
                 "--context is empty; say what the next attempt should know"};
  KON_TRY(const ChosenPhase chosen, choose_phase(files, common, text.phase.value_or("")));
  KON_TRY(const driver::PhasePlans phase, driver::load_phase_plans(files, chosen.location));
  const TaskAddress address{*text.plan, *text.task};
  const std::string& id = chosen.location.id;
  const std::string name = address_text(id, address);
  if (!files.exists(chosen.layout.database()))
    return Error{ErrorCode::invalid_input, "phase " + quote(id) +
                                               " was never executed, so nothing is blocked; run "
                                               "`konductor execute " +
                                               id + "`"};
  const std::int64_t now = wall_milliseconds();
  Result<platform::FileLock> lock = platform::FileLock::try_lock(chosen.layout.lock(id), now);
  if (lock.has_error()) return lock.error().with_context("phase " + quote(id));
  KON_TRY(const auto journal, platform::SqliteJournal::open(chosen.layout.database(), id));
  KON_TRY(const engine::RunState state, driver::replay_state(*journal, phase.plans()));
  KON_TRY_VOID(check_blocked(state, name, address));
  KON_TRY([[maybe_unused]] const std::int64_t fence, journal->take_fence());
  KON_TRY(const config::Config config,
          load_configuration(files, chosen.layout, common, around.environment));
  const Redactor redactor = driver::make_redactor(around.environment, config);
  const std::array<engine::Event, 1> events = {engine::Event{
      now, operator_run(now),
      engine::event::task_unblocked{address.plan, address.task,
                                    redactor.redact(to_valid_utf8(options.context))}}};
  KON_TRY_VOID(journal->append(events, {}));
  Unblocked done{id, name, ""};
  const Result<void> resolved = resolve_in_state_file(files, chosen, {name}, now);
  if (resolved.has_error()) done.note = resolved.error().message;
  return done;
}

}  // namespace

int run_unblock_command(const UnblockOptions& options, const CommonOptions& common,
                        Surroundings& around) {
  const Result<Unblocked> done = unblock(options, common, around);
  if (done.has_error()) return fail(around, common, "unblock", done.error());
  const std::string next = "konductor execute " + done.value().phase;
  if (!done.value().note.empty())
    around.err << "konductor: warning: " << done.value().note << "; the next run brings it up to "
               << "date\n";
  if (common.is_json) {
    nlohmann::ordered_json json;
    json["schema_version"] = 1;
    json["command"] = "unblock";
    json["exit"] = 0;
    json["task"] = done.value().name;
    json["next"] = next;
    print_json(around.out, json);
  } else if (!common.is_quiet) {
    around.out << done.value().name << " is free; the next run gives it your context: " << next
               << "\n";
  }
  return 0;
}

}  // namespace konductor::cli
