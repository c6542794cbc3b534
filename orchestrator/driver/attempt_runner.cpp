// SPDX-License-Identifier: MIT
#include "driver/attempt_runner.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>

#include "agent/agent_cli.hpp"
#include "agent/prompt_record.hpp"
#include "agent/typed_document.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "driver/attempt_conclusion.hpp"
#include "driver/attempt_confinement.hpp"
#include "driver/attempt_containment.hpp"
#include "driver/attempt_lease.hpp"
#include "driver/attempt_prompt.hpp"
#include "driver/attempt_record.hpp"
#include "driver/redaction.hpp"
#include "driver/review_copy.hpp"
#include "driver/review_models.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// An agent that tells what it does is stuck when it says nothing for longer than its own tools may
// take.
constexpr std::chrono::milliseconds kStreamSilence = std::chrono::minutes(20);

std::chrono::milliseconds silence_limit(const config::LimitSettings& limits, bool is_streaming) {
  return limits.silence.count() == 0 && is_streaming ? kStreamSilence : limits.silence;
}

StepLimits step_limits(const config::Config& config) {
  return {config.limits.steps, config.limits.repeats, config.budget.attempt_tokens,
          config.budget.attempt_usd};
}

// Here and now, for what a provider says of times.
agent::Moment local_moment(std::int64_t milliseconds) {
  agent::Moment moment;
  moment.now = milliseconds / 1000;
  const auto seconds = static_cast<std::time_t>(moment.now);
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return moment;
  moment.utc_offset = local.tm_gmtoff;
  moment.zones.emplace_back(local.tm_zone);
  // Debian's way of naming the zone.
  std::error_code failure;
  const std::string target = fs::read_symlink("/etc/localtime", failure).string();
  constexpr std::string_view kFolder = "/zoneinfo/";
  const std::size_t at = target.find(kFolder);
  if (at != std::string::npos) moment.zones.push_back(target.substr(at + kFolder.size()));
  return moment;
}

}  // namespace

Task<Result<Report>> AttemptRunner::run(engine::command::start_attempt command) {
  if (command.is_adopted) co_return co_await run_adopted(std::move(command));
  const std::vector<const RoleRuntime*> runtimes =
      runtimes_for(shared_, command.role, command.address);
  if (runtimes.empty()) {
    Report nobody = not_started(command);
    co_return nobody;
  }
  std::vector<std::string> accounts = accounts_of(runtimes);
  const TaskAddress address = command.address;
  const StopSignal* const own_stop = shared_.attempt_stops.at(address).get();
  // Until it has a process, who wants no more attempts to start means this one, too.
  std::optional<RunShared::Waiting> waiting(std::in_place, shared_, address);
  const Result<std::size_t> passed = co_await shared_.quota.pass(std::move(accounts), own_stop);
  if (passed.has_error())
    co_return passed.error().with_context("runtime " + quote(runtimes.front()->name));
  MemoryGate::TellShortage tell = [this, address](MemoryGate::Shortage shortage) {
    if (shared_.tell_note) shared_.tell_note(address, shortage_text(shortage));
  };
  const std::unique_ptr<MemoryGate::Place> place =
      co_await shared_.memory.pass(std::move(tell), own_stop);
  const bool is_in_copy = wants_copy(shared_, command.action);
  if (is_in_copy) {
    const Result<void> opened = co_await open_copy(command);
    KON_CO_TRY_VOID(opened);
  }
  Attempt attempt =
      make_attempt(shared_, command, *runtimes.at(passed.value()), shared_.facts.run, is_in_copy);
  attempt.place = place.get();
  const Result<void> prepared = co_await prepare(attempt);
  KON_CO_TRY_VOID(prepared);
  waiting.reset();
  ++shared_.attempts_running;
  AttemptMonitor monitor(attempt.runtime->settings, attempt.paths.directory,
                         step_limits(shared_.facts.config));
  Result<AttemptEnding> ending = co_await run_process(attempt, monitor);
  Result<Report> report = co_await conclude(attempt, monitor, ending);
  co_return report;
}

// Before the attempt is made: its paths are in there.
Task<Result<void>> AttemptRunner::open_copy(engine::command::start_attempt command) {
  ReviewCopy copy(shared_);
  std::string head = shared_.state().task(command.address)->head_commit;
  Result<void> opened = Result<void>();
  if (command.is_adopted)
    opened = co_await copy.enter(command.address.plan, std::move(head));
  else
    opened = co_await copy.open(command.address.plan, std::move(head));
  // A run that was stopped starts no process, and says so of the attempt.
  const bool is_stopped = opened.has_error() && opened.error().code == ErrorCode::cancelled;
  if (is_stopped) opened = Result<void>();
  co_return opened;
}

Task<Result<Report>> AttemptRunner::conclude(Attempt& attempt, AttemptMonitor& monitor,
                                             Result<AttemptEnding>& ending) {
  if (ending.has_error()) {
    --shared_.attempts_running;
    co_return ending.error();
  }
  auto job = [this, &attempt, &ending, &monitor] {
    const std::int64_t now = shared_.ports.clock.wall_milliseconds();
    open_to_owner(attempt.paths.directory);
    ending.value().facts.report = monitor.finish(local_moment(now));
    ending.value().steps = monitor.steps();
    return AttemptConclusion(shared_).conclude(attempt, ending.value());
  };
  Result<Report> report = co_await offload(shared_.ports.work_pool, std::move(job));
  --shared_.attempts_running;
  if (report.has_value())
    note_limits(attempt, ending.value(), std::get<engine::AttemptEnded>(report.value().outcome));
  co_return report;
}

// It is under way, so its tree and its files are left as they are. What it had touched outside of
// them before its engine died is not known.
Task<Result<Report>> AttemptRunner::run_adopted(engine::command::start_attempt command) {
  // Until it is taken over it stands there, so that it is ended with the run if that goes wrong.
  const auto found = shared_.adopted.find(command.address);
  KON_CHECK(found != shared_.adopted.end());
  // Where it is counts, not where it would be put now.
  const bool is_in_copy = found->second.is_in_copy && shared_.ports.workspaces.has_copies();
  if (is_in_copy) {
    const Result<void> opened = co_await open_copy(command);
    KON_CO_TRY_VOID(opened);
  }
  Attempt attempt =
      make_attempt(shared_, command, *found->second.runtime, found->second.run, is_in_copy);
  attempt.is_resumed = found->second.is_resumed;
  // What it was given is what counts, not what the settings are now.
  attempt.lease = read_lease(shared_.ports.files, attempt.paths.directory);
  const std::unique_ptr<MemoryGate::Place> place = shared_.memory.enter();
  attempt.place = place.get();
  const Result<void> taken_over = co_await take_over(attempt);
  KON_CO_TRY_VOID(taken_over);
  AdoptedAttempt adopted = std::move(found->second);
  shared_.adopted.erase(found);
  ++shared_.attempts_running;
  AttemptMonitor monitor(attempt.runtime->settings, attempt.paths.directory,
                         step_limits(shared_.facts.config));
  Result<AttemptEnding> ending = co_await follow_adopted(attempt, std::move(adopted), monitor);
  Result<Report> report = co_await conclude(attempt, monitor, ending);
  co_return report;
}

Task<Result<void>> AttemptRunner::take_over(Attempt& attempt) {
  auto job = [this, &attempt]() -> Result<void> {
    shared_.project_files->begin();
    attempt.tree->clean_at.clear();
    attempt.tree->workspace.head = attempt.head;
    KON_TRY(attempt.guard, shared_.ports.workspaces.guard(attempt.tree->workspace));
    return {};
  };
  Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

// How it ended is what its supervisor says: nobody else could know.
Task<Result<AttemptEnding>> AttemptRunner::follow_adopted(const Attempt& attempt,
                                                          AdoptedAttempt adopted,
                                                          AttemptMonitor& monitor) {
  std::chrono::milliseconds age(
      std::max<std::int64_t>(0, shared_.ports.clock.wall_milliseconds() - adopted.started_at));
  // The wall clock may have been set since.
  if (adopted.process != nullptr) age = adopted.process->age().value_or(age);
  AttemptEnding ending;
  if (adopted.process != nullptr) {
    const std::chrono::milliseconds timeout = shared_.facts.roles.at(attempt.command.role).timeout;
    std::chrono::milliseconds rest = timeout;
    if (timeout.count() != 0) rest = std::max(std::chrono::milliseconds(1), timeout - age);
    Result<AttemptEnding> followed = co_await follow(attempt, *adopted.process, rest, monitor);
    if (followed.has_error()) co_return followed.error();
    ending = std::move(followed).value();
  } else {
    const Result<int> swept =
        co_await shared_.ports.launcher.sweep(attempt_token(attempt.paths.prompt));
    if (swept.has_error()) co_return swept.error();
  }
  ending.seconds += std::chrono::duration<double>(age).count();
  const std::optional<ProcessRecord> record =
      read_process_record(shared_.ports.files, attempt.paths);
  // It may have ended long before anybody looked.
  if (record && record->duration)
    ending.seconds = std::chrono::duration<double>(*record->duration).count();
  if (!ending.facts.ended_by.empty()) co_return ending;
  if (!record || !record->exit || record->ended_by == "engine_died") {
    ending.facts.ended_by = "interrupted";
    co_return ending;
  }
  ending.facts.ended_by = record->ended_by;
  ending.facts.is_out_of_memory = ending.facts.is_out_of_memory || record->is_out_of_memory;
  ending.facts.exit_code = record->exit->exit_code;
  ending.facts.signal = record->exit->signal;
  co_return ending;
}

// A failed attempt: whoever could make it may not.
Report AttemptRunner::not_started(const engine::command::start_attempt& command) const {
  engine::AttemptEnded ended;
  engine::event::attempt_finished& finished = ended.finished;
  finished.plan = command.address.plan;
  finished.task = command.address.task;
  finished.role = to_string(command.role);
  finished.reason = command.reason;
  finished.attempt = command.attempt;
  finished.cause = "not_started";
  finished.detail = no_reviewer_text(shared_, command.role, command.address);
  Report report;
  report.outcome = std::move(ended);
  return report;
}

// A clean tree, the attempt's files, and what may not be touched as it stands now.
Task<Result<void>> AttemptRunner::prepare(Attempt& attempt) {
  std::string kept;
  auto stand = [this, &attempt, &kept]() -> Result<void> {
    shared_.project_files->begin();
    KON_TRY_VOID(close_left_lease(attempt));
    KON_TRY(kept, stand_at(attempt));
    KON_TRY_VOID(bring_back(attempt, kept));
    if (attempt.command.address.is_merge() && kept.empty())
      kept = std::exchange(attempt.tree->kept, std::string());
    return {};
  };
  const Result<void> stands = co_await offload(shared_.ports.work_pool, std::move(stand));
  KON_CO_TRY_VOID(stands);
  AttemptPrompt builder(shared_);
  Result<std::vector<agent::PromptPart>> prompt =
      co_await builder.build(attempt.command, attempt.paths, *attempt.runtime, kept);
  if (prompt.has_error()) co_return prompt.error();
  if (attempt.is_resumed && attempt.runtime->settings.kind == config::RuntimeKind::acp) {
    engine::command::start_attempt fresh = attempt.command;
    fresh.session.clear();
    const Result<std::vector<agent::PromptPart>> whole =
        co_await builder.build(fresh, attempt.paths, *attempt.runtime, kept);
    KON_CO_TRY_VOID(whole);
    const std::string text = shared_.facts.redactor.redact(agent::prompt_text(whole.value()));
    const Result<void> written = shared_.ports.files.write(whole_prompt_path(attempt.paths), text);
    KON_CO_TRY_VOID(written);
  }
  auto job = [this, &attempt, &prompt]() -> Result<void> {
    KON_TRY_VOID(write_files(attempt, prompt.value()));
    KON_TRY(attempt.guard, shared_.ports.workspaces.guard(attempt.tree->workspace));
    return {};
  };
  Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

// Of an attempt whose engine died, whoever comes after it and whatever is configured now: no
// placeholder is work, and git says nothing of ignored ones.
Result<void> AttemptRunner::close_left_lease(const Attempt& attempt) const {
  const PlanTree& tree = *attempt.tree;
  if (!tree.clean_at.empty() || tree.left_by_attempt.empty()) return {};
  ports::FileStore& files = shared_.ports.files;
  const fs::path run = shared_.facts.layout.run_directory(tree.left_by_run);
  const fs::path directory = run / tree.left_by_attempt;
  const auto lease = read_lease(files, directory);
  if (!lease) return {};
  return close_lease(files, attempt.paths.workspace, *lease, before_start(files, directory));
}

// Puts the tree to where the attempt has to begin, which is made sure of each time. Returns the
// reference that keeps what a crash left in it.
Result<std::string> AttemptRunner::stand_at(Attempt& attempt) {
  if (attempt.tree->clean_at == attempt.head) {
    KON_TRY(const bool stands,
            shared_.ports.workspaces.is_at(attempt.tree->workspace, attempt.head));
    if (stands) return std::string();
  }
  return put_tree_back(shared_, attempt);
}

// The files as the session that was cut off left them; without them a fresh session begins.
Result<void> AttemptRunner::bring_back(Attempt& attempt, const std::string& left_over) {
  engine::command::start_attempt& command = attempt.command;
  command.is_cut_off = command.is_cut_off && attempt.is_resumed;
  if (!command.is_cut_off) return {};
  const bool is_told = !command.session_kept.empty();
  std::string kept = is_told ? command.session_kept : left_over;
  // A killed engine may have kept them and not have told.
  if (kept.empty() && !attempt.tree->left_by_attempt.empty())
    kept = "refs/konductor/" + attempt.tree->left_by_run + "/" + attempt.tree->left_by_attempt;
  if (kept.empty()) return {};
  attempt.tree->clean_at.clear();
  const Result<void> shown = shared_.ports.workspaces.show(attempt.tree->workspace, kept);
  const bool is_gone = shown.has_error() && shown.error().code == ErrorCode::not_found;
  if (!is_gone) return shown;
  if (!is_told) return {};
  attempt.is_resumed = false;
  command.is_cut_off = false;
  command.session.clear();
  return {};
}

Result<void> AttemptRunner::write_files(const Attempt& attempt,
                                        const std::vector<agent::PromptPart>& prompt) const {
  ports::FileStore& files = shared_.ports.files;
  const Redactor& redactor = shared_.facts.redactor;
  std::vector<agent::PromptPart> parts = prompt;
  for (agent::PromptPart& part : parts)
    part.text = redactor.redact(part.text);
  KON_TRY_VOID(files.write(attempt.paths.prompt, redactor.redact(agent::prompt_text(parts))));
  KON_TRY_VOID(files.write(attempt.paths.directory / "prompt.json", agent::prompt_record(parts)));
  KON_TRY_VOID(write_attempt_record(files, attempt, shared_.ports.clock.wall_milliseconds(),
                                    shared_.facts.config.git.overlay));
  const std::string schema = agent::schema_for_agent(
      agent::typed_document(attempt.runtime->settings, attempt.command.action));
  if (!schema.empty()) KON_TRY_VOID(files.write(attempt.paths.schema, schema + "\n"));
  if (!attempt.paths.plan.empty()) {
    KON_TRY_VOID(files.write(attempt.paths.plan, redactor.redact(attempt.plan_text)));
    ::chmod(attempt.paths.plan.c_str(), 0444);
  }
  const fs::path output_home = attempt.paths.output.parent_path();
  KON_TRY_VOID(files.make_directories(output_home));
  if (!shared_.is_in_place()) {
    // An agent that commits everything must not commit its own document.
    const fs::path ignore = output_home.parent_path() / ".gitignore";
    if (!files.exists(ignore)) KON_TRY_VOID(files.write(ignore, "*\n"));
  }
  return files.remove(attempt.paths.output);
}

// With the folder that its document goes to.
Result<std::optional<std::vector<std::string>>> AttemptRunner::lease_places(
    const Attempt& attempt) const {
  if (!attempt.lease) return std::optional<std::vector<std::string>>();
  KON_TRY(std::vector<std::string> places,
          open_lease(shared_.ports.files, attempt.paths.workspace, *attempt.lease));
  places.push_back(attempt.paths.output.parent_path().string());
  return std::optional(std::move(places));
}

Task<Result<AttemptEnding>> AttemptRunner::run_process(const Attempt& attempt,
                                                       AttemptMonitor& monitor) {
  const RunFacts& facts = shared_.facts;
  const ResolvedRole& role = facts.roles.at(attempt.command.role);
  ports::ProcessSpec spec;
  spec.argv = attempt_arguments(facts, *attempt.runtime, attempt.command, attempt.paths);
  spec.environment = attempt_environment(facts, *attempt.runtime, attempt.command, attempt.paths);
  spec.directory = attempt.paths.workspace.string();
  spec.stdin_path = attempt.paths.prompt.string();
  spec.stdout_path = (attempt.paths.directory / "stdout.log").string();
  spec.stderr_path = (attempt.paths.directory / "stderr.log").string();
  spec.token = attempt_token(attempt.paths.prompt);
  StopSignal& own_stop = *shared_.attempt_stops.at(attempt.command.address);
  if (shared_.stop.level() != StopLevel::none || own_stop.level() != StopLevel::none) {
    AttemptEnding ending;
    ending.facts.ended_by = "cancelled";
    ending.facts.exit_code = ports::ProcessExit().exit_code;
    co_return ending;
  }
  if (facts.sandbox.is_confining()) {
    auto look = [this, &attempt, &spec]() -> Result<std::optional<ports::Confinement>> {
      KON_TRY(auto places, lease_places(attempt));
      const ConfinedWork work{attempt.command.role,    *attempt.runtime, attempt.tree->workspace,
                              attempt.paths.directory, spec.environment, std::move(places)};
      return confinement_for(shared_, work);
    };
    auto confinement = co_await offload(shared_.ports.work_pool, std::move(look));
    if (confinement.has_error()) co_return confinement.error();
    spec.confinement = std::move(confinement).value();
  }
  spec.supervision = supervision_of(facts, attempt.paths, role.timeout);
  contain(facts, attempt.name, spec);
  const std::string what = "starting " + std::string(to_string(attempt.command.role));
  Result<std::unique_ptr<ports::Process>> started = shared_.ports.launcher.start(spec);
  if (started.has_error()) co_return started.error().with_context(what);
  Result<AttemptEnding> ending = co_await follow(attempt, *started.value(), role.timeout, monitor);
  if (ending.has_error()) co_return ending.error().with_context(what);
  co_return ending;
}

Task<Result<AttemptEnding>> AttemptRunner::follow(const Attempt& attempt, ports::Process& process,
                                                  std::chrono::milliseconds timeout,
                                                  AttemptMonitor& monitor) {
  const RunFacts& facts = shared_.facts;
  AttemptLimits limits;
  limits.timeout = timeout;
  limits.silence = silence_limit(facts.config.limits, monitor.is_reading());
  limits.grace = facts.config.execution.grace_period;
  limits.is_interruptible = monitor.is_reading();
  limits.is_interrupted_by_stop = attempt.runtime->settings.kind == config::RuntimeKind::acp;
  limits.output_bytes_max = facts.config.limits.output_max;
  engine::event::attempt_output head;
  head.plan = attempt.command.address.plan;
  head.task = attempt.command.address.task;
  head.role = to_string(attempt.command.role);
  head.attempt = attempt.command.attempt;
  OutputFollower follower(shared_.ports.clock, std::move(head), attempt.paths.directory,
                          facts.redactor, shared_.tell_output);
  std::vector<OutputListener*> wanted;
  if (shared_.tell_output) wanted.push_back(&follower);
  if (monitor.is_reading()) wanted.push_back(&monitor);
  OutputListeners listeners(wanted);
  OutputListener* listener = wanted.empty() ? nullptr : &listeners;
  const MemoryGate::Holding holding(*attempt.place, process);
  Result<Supervised> supervised =
      co_await supervise(shared_.ports.clock, process, limits, shared_.stop, listener,
                         shared_.attempt_stops.at(attempt.command.address).get());
  if (shared_.tell_output) follower.finish();
  if (supervised.has_error()) co_return supervised.error();
  AttemptEnding ending;
  if (supervised.value().cause != "done") ending.facts.ended_by = supervised.value().cause;
  ending.facts.exit_code = supervised.value().exit.exit_code;
  ending.facts.signal = supervised.value().exit.signal;
  ending.facts.is_out_of_memory = supervised.value().met.memory;
  ending.seconds = std::chrono::duration<double>(supervised.value().duration).count();
  co_return ending;
}

// A limit of the provider holds back all attempts of the runtime, this one's repetition first; a
// refused login holds for all that could follow.
void AttemptRunner::note_limits(const Attempt& attempt, const AttemptEnding& ending,
                                engine::AttemptEnded& ended) {
  const RoleRuntime& runtime = *attempt.runtime;
  const std::string& cause = ended.finished.cause;
  if (cause == "quota" || cause == "overloaded") {
    std::optional<std::int64_t> retry_at;
    if (ending.facts.report && ending.facts.report->retry_at)
      retry_at = *ending.facts.report->retry_at * 1000;
    const std::optional<std::int64_t> until = shared_.quota.hold(runtime.account, retry_at);
    const TaskAddress& address = attempt.command.address;
    if (const std::string untold = shared_.quota.take_untold(); !untold.empty())
      ended.notes.push_back("your other engines do not hear of the limit of runtime " +
                            quote(runtime.name) + " and will meet it themselves: " + untold);
    if (until)
      ended.waiting =
          engine::event::quota_waiting{address.plan, address.task, runtime.name, cause, *until};
  } else if (cause == "auth") {
    const std::string program = agent::program_name(runtime.settings.command);
    ended.fatal =
        Error{ErrorCode::environment,
              "the provider of runtime " + quote(runtime.name) + " refuses its account (" +
                  ended.finished.detail + "): log in with " + quote(program) +
                  ", or give the agent its key in the environment (see `pass_env`); "
                  "then run again"};
  } else if (cause == "done") {
    shared_.quota.reopen(runtime.account);
  } else if (cause == "network" &&
             shared_.facts.roles.at(attempt.command.role).runtimes.size() > 1) {
    // Another provider may be reachable: the next attempt goes to the next runtime.
    shared_.quota.hold(runtime.account, std::nullopt);
  }
}

}  // namespace konductor::driver
