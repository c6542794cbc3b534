// SPDX-License-Identifier: MIT
#include "cli/act_command.hpp"

#include <csignal>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/operator_action.hpp"
#include "cli/request_client.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/execute.hpp"
#include "engine/request_answer.hpp"
#include "platform/file_lock.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

using engine::RequestAction;

constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(10);
// A stop that is not heard becomes a signal, and need not be waited for as long.
constexpr std::chrono::milliseconds kStopPatience = std::chrono::seconds(3);

struct Acted {
  std::string phase;
  std::string name;     // Of the task or the plan; "" is the phase's.
  std::string by;       // Who did it: "engine", "command", or "nobody" where nothing was to do.
  std::string message;  // For people.
  std::string next;     // The command that goes on from here; "" without one.
  std::string note;     // What could not be brought up to date beside the journal.
  int exit = 0;
};

class ActCommand {
 public:
  ActCommand(const ActOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around) {}

  Result<Acted> run() {
    KON_TRY_VOID(check_caller());
    KON_TRY_VOID(read_request());
    const bool is_stop = options_.action == RequestAction::stop;
    KON_TRY(const RequestFate fate,
            send_request(files_, chosen_, request_, is_stop ? kStopPatience : kPatience));
    acted_.phase = chosen_.location.id;
    if (!fate.refusal.empty()) return Error{ErrorCode::invalid_input, fate.refusal};
    if (is_stop) return stop(fate);
    if (fate.kind == RequestFate::Kind::unanswered) return unanswered(*fate.holder);
    KON_TRY_VOID(load_plans());
    if (fate.kind == RequestFate::Kind::taken) {
      acted_.by = "engine";
      KON_TRY_VOID(tell_of_engine());
      return std::move(acted_);
    }
    return act_at_rest();
  }

 private:
  // --- What is asked for ---

  // Honest agents learn that this is not theirs to do; others are kept from it by confinement.
  Result<void> check_caller() const {
    if (driver::environment_value(around_.environment, "KONDUCTOR_ATTEMPT").empty()) return {};
    return Error{ErrorCode::invalid_input,
                 "an attempt may not ask this of its own run; say what is needed in its document"};
  }

  Result<void> read_request() {
    const std::int64_t now = wall_milliseconds();
    request_.id = make_request_id(now);
    request_.action = options_.action;
    request_.is_immediate = options_.is_immediate;
    if (!engine::has_address(options_.action)) {
      KON_TRY(chosen_, choose_phase(files_, common_, options_.phase));
      return {};
    }
    KON_TRY_VOID(read_address());
    acted_.name = address_text(chosen_.location.id, request_.address);
    return read_text();
  }

  Result<void> read_address() {
    const bool may_be_plan =
        options_.action == RequestAction::skip || options_.action == RequestAction::retry;
    const bool is_plan = names_plan(options_.address);
    if (is_plan && !may_be_plan)
      return Error{ErrorCode::invalid_input, quote(options_.address) +
                                                 " is a plan; name a task, as " +
                                                 quote(options_.address + "/1")};
    KON_TRY(const AddressText text,
            parse_address(options_.address, is_plan ? AddressKind::plan : AddressKind::task));
    KON_TRY(chosen_, choose_phase(files_, common_, text.phase.value_or("")));
    request_.address = {*text.plan, is_plan ? 0 : *text.task};
    return {};
  }

  // "01/002" is a plan, as everywhere; "1/2" a task.
  static bool names_plan(const std::string& text) {
    const auto address = parse_address(text, AddressKind::plan);
    if (!address) return false;
    const std::size_t digits = text.size() - text.rfind('/') - 1;
    return !address->phase || digits >= plan_text(1).size();
  }

  Result<void> read_text() {
    if (options_.action == RequestAction::retry) return {};
    if (options_.text.size() > engine::kRequestTextMax)
      return Error{ErrorCode::invalid_input,
                   "the text has " + std::to_string(options_.text.size()) + " bytes, at most " +
                       std::to_string(engine::kRequestTextMax) +
                       " are taken; write it into a file of the repository and name that"};
    if (trim(options_.text).empty() && options_.action == RequestAction::unblock)
      return Error{ErrorCode::invalid_input,
                   "--context is empty; say what the next attempt should know"};
    KON_TRY(const config::Config config,
            load_configuration(files_, chosen_.layout, common_, around_.environment));
    const Redactor redactor = driver::make_redactor(around_.environment, config);
    request_.text = redactor.redact(to_valid_utf8(options_.text));
    return {};
  }

  Result<void> load_plans() {
    KON_TRY(const driver::PhasePlans phase, driver::load_phase_plans(files_, chosen_.location));
    plans_ = phase.plans();
    return {};
  }

  // --- By the engine ---

  static Error unanswered(const LockHolder& holder) {
    std::string text = "the engine that holds the phase, pid " + std::to_string(holder.pid) +
                       (holder.host.empty() ? "" : " on " + holder.host) +
                       ", does not answer: it may be starting, bringing its result home, or "
                       "suspended; try again";
    if (holder.is_on_this_host)
      text += ", or look at it with `ps -o stat,args -p " + std::to_string(holder.pid) + "`";
    return Error{ErrorCode::busy, std::move(text)};
  }

  Result<void> tell_of_engine() {
    const std::string& id = chosen_.location.id;
    KON_TRY(const engine::RunState state, read_state(chosen_.layout.database(), id, plans_));
    const engine::TaskRecord* task = state.task(request_.address);
    const bool is_at_work =
        task != nullptr && std::holds_alternative<engine::state::active>(task->state);
    switch (options_.action) {
      case RequestAction::pause:
        acted_.message = "phase " + id + " is paused; attempts at work go on to their end";
        acted_.next = "konductor resume " + id;
        break;
      case RequestAction::resume:
        acted_.message = "phase " + id + " goes on";
        break;
      case RequestAction::tell:
        acted_.message = acted_.name + " has your note; " +
                         (is_at_work ? "the attempt at work does not, its next one will"
                                     : "its next attempt is told");
        break;
      case RequestAction::skip:
        acted_.message = acted_.name + (is_at_work ? " is skipped when its attempt at work, which "
                                                     "is told to end, has ended"
                                                   : " is skipped");
        break;
      case RequestAction::retry: {
        const bool is_later = state.wanted_retries().count(request_.address) != 0;
        acted_.message = acted_.name + (is_later ? " runs again when its plan is at rest, at the "
                                                   "latest with the next run"
                                                 : " runs again");
        if (is_later) acted_.next = "konductor execute " + id;
        break;
      }
      case RequestAction::unblock:
        acted_.message = acted_.name + " is free; the engine takes it up with your context";
        break;
      case RequestAction::stop:
        break;
    }
    return {};
  }

  Result<Acted> stop(const RequestFate& fate) {
    if (fate.kind == RequestFate::Kind::resting && !fate.holder) {
      acted_.by = "nobody";
      acted_.message = "no engine runs phase " + acted_.phase + "; there is nothing to stop";
      acted_.next = "konductor execute " + acted_.phase;
      return std::move(acted_);
    }
    const LockHolder holder = fate.holder.value_or(LockHolder{});
    if (fate.kind == RequestFate::Kind::unanswered) {
      if (!holder.is_on_this_host) return unanswered(holder);
      // Bringing its result home, or starting, it has no ear for requests: its terminal's Ctrl-C.
      ::kill(static_cast<pid_t>(holder.pid), SIGINT);
      if (options_.is_immediate) ::kill(static_cast<pid_t>(holder.pid), SIGINT);
    }
    return wait_for_end(holder);
  }

  Result<Acted> wait_for_end(const LockHolder& holder) {
    const std::string& id = chosen_.location.id;
    const auto deadline = std::chrono::steady_clock::now() + options_.wait;
    acted_.by = "engine";
    while (true) {
      const auto now = find_lock_holder(chosen_.layout.lock(id));
      if (!now || now->pid != holder.pid) break;
      if (std::chrono::steady_clock::now() > deadline) {
        acted_.exit = 1;
        acted_.message = "the engine of phase " + id + ", pid " + std::to_string(now->pid) +
                         ", was told to stop and has not ended within " +
                         duration_text(std::chrono::duration<double>(options_.wait).count());
        acted_.next = "konductor stop " + id + " --now";
        return std::move(acted_);
      }
      wait_a_moment();
    }
    acted_.message = "the engine of phase " + id + " has ended; what is done is kept";
    acted_.next = "konductor execute " + id;
    return std::move(acted_);
  }

  // --- By this command ---

  Result<Acted> act_at_rest() {
    const std::string& id = chosen_.location.id;
    if (!engine::has_address(options_.action))
      return Error{ErrorCode::invalid_input, "no engine runs phase " + quote(id) +
                                                 ", so there is nothing to " +
                                                 std::string(engine::to_string(options_.action)) +
                                                 "; `konductor execute " + id + "` starts one"};
    const bool is_new = !files_.exists(chosen_.layout.database());
    if (is_new && options_.action == RequestAction::unblock)
      return Error{ErrorCode::invalid_input, "phase " + quote(id) +
                                                 " was never executed, so nothing is blocked; run "
                                                 "`konductor execute " +
                                                 id + "`"};
    KON_TRY_VOID(driver::ensure_ignore_file(files_, chosen_.layout));
    const std::int64_t now = wall_milliseconds();
    Result<platform::FileLock> lock = platform::FileLock::try_lock(chosen_.layout.lock(id), now);
    if (lock.has_error()) return lock.error().with_context("phase " + quote(id));
    KON_TRY(const auto journal, platform::SqliteJournal::open(chosen_.layout.database(), id));
    KON_TRY(const engine::RunState state, driver::replay_state(*journal, plans_));
    const engine::RequestAnswer answer = engine::answer_request(state, request_, id, false);
    if (!answer.refusal.empty()) return Error{ErrorCode::invalid_input, answer.refusal};
    KON_TRY([[maybe_unused]] const std::int64_t fence, journal->take_fence());
    std::vector<engine::Event> events;
    for (const engine::EventBody& body : answer.events)
      events.push_back({now, operator_run(now), body});
    KON_TRY_VOID(journal->append(events, {}));
    const bool is_freed =
        options_.action == RequestAction::unblock || options_.action == RequestAction::skip;
    if (is_freed) {
      const Result<void> resolved = resolve_in_state_file(files_, chosen_, {acted_.name}, now);
      if (resolved.has_error()) acted_.note = resolved.error().message;
    }
    tell_of_rest();
    return std::move(acted_);
  }

  void tell_of_rest() {
    acted_.by = "command";
    acted_.next = "konductor execute " + acted_.phase;
    if (options_.action == RequestAction::tell)
      acted_.message = acted_.name + " has your note; the next run gives it to its attempts";
    if (options_.action == RequestAction::skip) {
      acted_.message = acted_.name + " is skipped; `konductor retry " + acted_.name +
                       "` takes that back, the next run leaves it out";
    }
    if (options_.action == RequestAction::retry)
      acted_.message = acted_.name + " runs again with the next run";
    if (options_.action == RequestAction::unblock)
      acted_.message = acted_.name + " is free; the next run gives it your context";
  }

  const ActOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  platform::PosixFileStore files_;
  ChosenPhase chosen_;
  engine::Request request_;
  std::map<int, plan::Plan> plans_;
  Acted acted_;
};

nlohmann::ordered_json document_of(const Acted& acted, const std::string& command) {
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["command"] = command;
  json["exit"] = acted.exit;
  json["phase"] = acted.phase;
  if (!acted.name.empty()) json["task"] = acted.name;
  json["by"] = acted.by;
  json["message"] = acted.message;
  json["next"] = acted.next;
  return json;
}

}  // namespace

int run_act_command(const ActOptions& options, const CommonOptions& common, Surroundings& around) {
  const std::string command(engine::to_string(options.action));
  const Result<Acted> done = ActCommand(options, common, around).run();
  if (done.has_error()) return fail(around, common, command, done.error());
  const Acted& acted = done.value();
  if (!acted.note.empty())
    around.err << "konductor: warning: " << acted.note << "; the next run brings it up to date\n";
  if (common.is_json) {
    print_json(around.out, document_of(acted, command));
  } else if (acted.exit != 0) {
    around.err << "konductor: error: " << acted.message << ": " << acted.next << "\n";
  } else if (!common.is_quiet) {
    around.out << acted.message << (acted.next.empty() ? "" : ": " + acted.next) << "\n";
  }
  return acted.exit;
}

}  // namespace konductor::cli
