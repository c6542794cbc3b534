// SPDX-License-Identifier: MIT
#include "driver/execute.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "driver/attempt_containment.hpp"
#include "driver/attempt_record.hpp"
#include "driver/delivery.hpp"
#include "driver/leftovers.hpp"
#include "driver/lost_work.hpp"
#include "driver/redaction.hpp"
#include "driver/run_driver.hpp"
#include "engine/estimate.hpp"

namespace konductor::driver {
namespace {

bool is_enabled(const std::map<RoleName, ResolvedRole>& roles, RoleName role) {
  return roles.count(role) != 0;
}

engine::Spending spending(int tokens, double usd, std::chrono::milliseconds time) {
  return {tokens, usd, std::chrono::duration<double>(time).count()};
}

engine::BudgetLimits budget_limits(const config::BudgetSettings& budget) {
  engine::BudgetLimits limits;
  limits.attempt = spending(budget.attempt_tokens, budget.attempt_usd, {});
  limits.task = spending(budget.task_tokens, budget.task_usd, budget.task_time);
  limits.plan = spending(budget.plan_tokens, budget.plan_usd, budget.plan_time);
  limits.phase = spending(budget.phase_tokens, budget.phase_usd, budget.phase_time);
  return limits;
}

int exit_code_of(const Error& error) {
  return error.code == ErrorCode::fenced ? 5 : 6;
}

// One call of `execute`, from recovery to delivery.
class Execution {
 public:
  Execution(RunPorts& run_ports, const RunFacts& facts, const ExecuteRequest& request,
            std::function<void(const std::string&)> note)
      : ports_(run_ports), facts_(facts), request_(request), note_(std::move(note)) {}

  // Everything that can be refused before the first event is written.
  Result<void> prepare() {
    KON_TRY(state_, replay_state(ports_.journal, facts_.plans));
    cgroups_ = state_.cgroups();
    adopted_ =
        find_attempts_to_adopt(facts_, ports_.launcher, ports_.files, state_, request_.scope);
    std::set<TaskAddress> adoptable;
    for (const auto& [address, attempt] : adopted_)
      adoptable.insert(address);
    KON_TRY(engine::Recovery recovery,
            engine::recover(state_, request_.markers, request_.retry, adoptable));
    std::erase_if(adopted_,
                  [&](const auto& entry) { return recovery.adopted.count(entry.first) == 0; });
    if (request_.scope.only && state_.task(*request_.scope.only) == nullptr)
      return Error{ErrorCode::invalid_input,
                   "no task " + address_text(facts_.phase.id, *request_.scope.only) +
                       " in this phase; see `konductor plan list`"};
    for (engine::EventBody& body : recovery.events)
      if (auto* ended = std::get_if<engine::event::attempt_finished>(&body); ended != nullptr)
        add_left_record(facts_, ports_.files, state_, *ended);
    for (const std::string& text : recovery.notes)
      note_(text);
    scope_ = request_.scope;
    scope_.unfiled = recovery.unfiled_plans;
    scope_.refiles = scope_.refiles || recovery.refiles;
    KON_TRY_VOID(check_commits(recovery.events));
    std::map<ports::PlanNumber, std::vector<ports::PlanNumber>> dependencies;
    for (const auto& [number, record] : state_.plans())
      if (number != 0) dependencies[number] = record.definition.depends_on;
    ports_.workspaces.set_dependencies(dependencies);
    KON_TRY_VOID(ports_.workspaces.prepare());
    // They may still work: they are ended before their trees are reset.
    leftovers_ = leftover_tokens(state_, facts_.layout, recovery.adopted);
    leftover_directories_ = leftover_directories(state_, facts_.layout, recovery.adopted);
    KON_TRY(const std::int64_t fence, ports_.journal.take_fence());
    engine::event::run_started started;
    started.phase = facts_.phase.id;
    started.version = request_.version;
    started.host = request_.host;
    started.pid = ::getpid();
    started.fence = fence;
    started.max_wave_parallelism = facts_.config.execution.max_wave_parallelism;
    started.schedule = to_string(facts_.config.execution.schedule);
    started.isolation = ports_.workspaces.isolation();
    started.cgroup = facts_.containment.cgroup;
    engine::tell_scope(request_.scope, started);
    opening_.emplace_back(std::move(started));
    for (engine::EventBody& body : recovery.events)
      opening_.push_back(std::move(body));
    for (const engine::EventBody& body : opening_)
      KON_TRY_VOID(state_.apply(engine::Event{0, facts_.run, body}));
    rules_ = make_rules(facts_.config, facts_.roles, ports_.workspaces.isolation());
    rules_.durations = facts_.durations;
    rules_.budget.run.usd = request_.usd_max;
    rules_.seconds_max = request_.seconds_max;
    rules_.asks_person = ports_.person != nullptr;
    expected_seconds_ = engine::expected_makespan(state_, rules_, scope_);
    std::get<engine::event::run_started>(opening_.front()).expected_seconds = expected_seconds_;
    return {};
  }

  Task<Result<ExecuteResult>> run(boost::asio::io_context& context,
                                  std::vector<ports::RunObserver*> observers, StopSignal& stop,
                                  std::function<void(std::function<void(int)>)> on_signal) {
    const auto began = ports_.clock.steady_now();
    engine::RunMachine machine(std::move(state_), rules_, scope_);
    RunShared shared(ports_, facts_, machine, stop);
    shared.adopted = std::move(adopted_);
    if (request_.tell_state) request_.tell_state(machine.state());
    RunDriver driver(context, shared, std::move(observers));
    on_signal([&driver](int signal) {
      if (signal == SIGCONT)
        driver.look_for_fence();
      else
        driver.request_stop(signal);
    });
    Result<void> done = co_await clear_leftovers(shared);
    if (done.has_error()) {
      // The run has not begun: what outlived an engine goes on and is there for the next one.
      on_signal(nullptr);
      co_return done.error();
    }
    done = co_await driver.record(opening_);
    if (done.has_value()) done = guarded([&] { return tidy_markers(shared); });
    if (done.has_value()) done = co_await driver.run();
    Result<void> ended = co_await end_what_was_not_reached(shared);
    if (done.has_value()) done = ended;
    ended = co_await remove_cgroups(done);
    if (done.has_value()) done = ended;
    on_signal([this, &stop](int signal) { stop_delivery(stop, signal); });
    Result<ExecuteResult> result = Error{ErrorCode::internal, ""};
    try {
      result = co_await finish(shared, driver, std::move(done));
    } catch (const std::exception& error) {
      result = unexpected(error);
    }
    on_signal(nullptr);
    if (result.has_value()) {
      result.value().seconds =
          std::chrono::duration<double>(ports_.clock.steady_now() - began).count();
      result.value().expected_seconds = expected_seconds_;
    }
    co_return result;
  }

 private:
  static Error unexpected(const std::exception& error) {
    return {ErrorCode::internal, std::string("unexpected: ") + error.what()};
  }

  // What goes wrong at the edges of a run ends it like an error: there is more to be put in order.
  template <class Work>
  static Result<void> guarded(Work work) {
    try {
      return work();
    } catch (const std::exception& error) {
      return unexpected(error);
    }
  }

  // `events` are what is put back to run again first of all.
  Result<void> check_commits(const std::vector<engine::EventBody>& events) const {
    engine::RunState state = state_;
    for (const engine::EventBody& body : events)
      KON_TRY_VOID(state.apply(engine::Event{0, facts_.run, body}));
    return check_work_is_there(state, facts_.phase.id, ports_.workspaces);
  }

  Task<Result<void>> clear_leftovers(RunShared& shared) {
    Result<void> done = co_await sweep_leftovers(shared);
    KON_CO_TRY_VOID(done);
    for (const std::filesystem::path& directory : leftover_directories_) {
      done = co_await redact_files(shared, directory);
      KON_CO_TRY_VOID(done);
      for (const std::string& text : unread_notes(directory))
        note_(text);
    }
    co_return Result<void>();
  }

  Task<Result<void>> sweep_leftovers(const RunShared& shared) {
    // First: whoever makes processes faster than they are found is ended here.
    const Result<int> held = co_await end_left_cgroups(ports_.launcher, cgroups_, shared.adopted);
    if (held.has_error()) co_return held.error();
    if (held.value() > 0)
      note_("ended " + std::to_string(held.value()) +
            " process(es) that an interrupted attempt had left in its cgroup");
    for (const std::string& token : leftovers_) {
      Result<int> ended = co_await ports_.launcher.sweep(token);
      if (ended.has_error()) co_return ended.error();
      if (ended.value() > 0)
        note_("ended " + std::to_string(ended.value()) +
              " process(es) that an interrupted attempt had left running");
    }
    co_return Result<void>();
  }

  // All is over that was in them. Who was put aside by another engine leaves them to that one: it
  // may have taken attempts over.
  Task<Result<void>> remove_cgroups(const Result<void>& done) {
    if (done.has_error() && done.error().code == ErrorCode::fenced) co_return Result<void>();
    if (!facts_.containment.cgroup.empty()) cgroups_[facts_.run] = facts_.containment.cgroup;
    const AdoptedAttempts none;
    const Result<int> ended = co_await end_left_cgroups(ports_.launcher, cgroups_, none);
    if (ended.has_error()) co_return ended.error();
    co_return Result<void>();
  }

  // Of attempts that were not gone on with, because the run was over before.
  static Task<Result<void>> end_what_was_not_reached(RunShared& shared) {
    for (auto& [address, attempt] : shared.adopted) {
      if (attempt.process == nullptr) continue;
      Result<int> ended = co_await attempt.process->kill_tree();
      if (ended.has_error()) co_return ended.error();
    }
    co_return Result<void>();
  }

  // Engines of other phases write their own folders, and all of them state.toml.
  bool is_of_another_phase(const std::filesystem::path& path) const {
    const std::string text = path.generic_string();
    const bool is_own = text.rfind("phases/" + facts_.phase.directory_name + "/", 0) == 0;
    const bool is_shared =
        text.rfind("phases/", 0) == 0 || text.rfind(".results/", 0) == 0 || text == "state.toml";
    return is_shared && !is_own && facts_.are_others_active && facts_.are_others_active();
  }

  // Of this phase's plans, which the kernel keeps attempts from writing.
  bool is_edited_by_a_person(const std::filesystem::path& path) const {
    constexpr int kRefusesTruncation = 3;
    const agent::SandboxChoice& sandbox = facts_.sandbox;
    const bool is_kept_out = !sandbox.bwrap.empty() || sandbox.landlock_abi >= kRefusesTruncation;
    if (!is_kept_out || ports_.workspaces.isolation() == "none") return false;
    const std::filesystem::path full = facts_.layout.home() / path;
    return std::any_of(facts_.plans.begin(), facts_.plans.end(), [&](const auto& entry) {
      return facts_.phase.plans() / std::filesystem::path(entry.second.path).filename() == full;
    });
  }

  void tell_edited_plans() const {
    for (const int plan : edited_plans(ports_.files, facts_.phase, facts_.plans))
      note_("plan " + plan_address_text(facts_.phase.id, plan) +
            " was edited while this run was at work, which kept to the text it had begun with; "
            "run again to work on the new one");
  }

  // Nothing may call complete what runs again.
  Result<void> tidy_markers(RunShared& shared) {
    shared.project_files = std::make_unique<ProtectedFiles>(
        ports_.files, ports_.change_watcher, facts_.layout.home(),
        [this](const std::filesystem::path& path) {
          return is_of_another_phase(path) || is_edited_by_a_person(path);
        });
    MarkerWriter markers(shared);
    for (const engine::EventBody& body : opening_)
      if (const auto* reset = std::get_if<engine::event::task_reset>(&body))
        KON_TRY_VOID(markers.remove_task_markers({reset->plan, reset->task}));
    // What a person took back while a kill came in between.
    for (const TaskAddress& address : request_.markers.tasks) {
      const engine::TaskRecord* task = shared.state().task(address);
      if (task != nullptr && std::holds_alternative<engine::state::waiting>(task->state))
        KON_TRY_VOID(markers.remove_task_markers(address));
    }
    for (const int plan : request_.markers.plans) {
      const engine::PlanRecord* record = shared.state().plan(plan);
      if (record != nullptr &&
          !std::holds_alternative<engine::plan_state::completed>(record->state))
        KON_TRY_VOID(markers.remove_plan_summary(plan));
    }
    const engine::TaskRecord& holistic = shared.state().holistic();
    if (request_.markers.is_phase_reviewed &&
        !std::holds_alternative<engine::state::completed>(holistic.state))
      KON_TRY_VOID(markers.remove_task_markers(kPhaseAddress));
    return markers.write_state("executing");
  }

  // All work is done: only a git program that brings the result home can still be running.
  void stop_delivery(StopSignal& stop, int signal) {
    if (signal == SIGCONT) return;
    const bool is_first = stop.level() == StopLevel::none;
    stop.request(is_first ? StopLevel::polite : StopLevel::immediate);
    if (is_first) stopped_by_ = signal;
  }

  Task<Result<ExecuteResult>> finish(RunShared& shared, RunDriver& driver, Result<void> done) {
    engine::RunMachine& machine = shared.machine;
    ExecuteResult result;
    result.delivery_state = "none";
    // Whatever was in hand is another engine's now.
    if (machine.failure() && machine.failure()->code == ErrorCode::fenced)
      done = *machine.failure();
    if (done.has_error()) {
      result.error = done.error();
      result.exit = exit_code_of(done.error());
      result.outcome = "failed";
      result.state = machine.state();
      co_return result;
    }
    result.exit = machine.exit_code();
    result.outcome = machine.outcome_name();
    result.error = machine.failure();
    if (machine.is_phase_complete() && result.exit == 0) {
      Result<ports::Delivery> delivered = co_await deliver_result(shared);
      if (delivered.has_error()) {
        result.error = delivered.error();
        result.exit = exit_code_of(delivered.error());
        result.outcome = "failed";
      } else {
        result.delivery = std::move(delivered).value();
        result.delivery_state = delivery_state(result.delivery, shared.is_in_place());
        if (stopped_by_ && !result.delivery.is_delivered) {
          result.exit = 128 + *stopped_by_;
          result.outcome = "interrupted";
        }
      }
    }
    tell_edited_plans();
    const Result<void> closed = guarded([&] { return close_books(shared, result); });
    if (closed.has_error() && !result.error) {
      result.error = closed.error();
      result.exit = exit_code_of(closed.error());
      result.outcome = "failed";
    }
    engine::event::run_finished finished;
    finished.exit = result.exit;
    finished.outcome = result.outcome;
    finished.delivery = result.delivery_state;
    finished.command = result.delivery.command;
    std::vector<engine::EventBody> bodies;
    bodies.emplace_back(std::move(finished));
    const Result<void> recorded = co_await driver.record(std::move(bodies));
    if (recorded.has_error() && !result.error) {
      result.error = recorded.error();
      result.exit = exit_code_of(recorded.error());
    }
    result.state = machine.state();
    co_return result;
  }

  Result<void> close_books(RunShared& shared, const ExecuteResult& result) {
    const Result<void> released = ports_.workspaces.release();
    MarkerWriter markers(shared);
    for (const auto& [number, record] : shared.state().plans()) {
      const bool is_over = std::holds_alternative<engine::plan_state::stopped>(record.state) ||
                           std::holds_alternative<engine::plan_state::needs_manual>(record.state);
      if (number != 0 && is_over) KON_TRY_VOID(markers.write_result(number));
    }
    const bool is_executed = shared.machine.is_phase_complete() && result.exit == 0;
    const Result<void> written = markers.write_state(is_executed ? "executed" : "executing");
    return released.has_error() ? released : written;
  }

  RunPorts& ports_;
  const RunFacts& facts_;
  const ExecuteRequest& request_;
  std::function<void(const std::string&)> note_;
  engine::RunState state_;
  engine::RunScope scope_;
  engine::RunRules rules_;
  double expected_seconds_ = 0;
  std::vector<engine::EventBody> opening_;
  AdoptedAttempts adopted_;
  std::map<std::string, std::string> cgroups_;  // Of runs that did not come to their end.
  std::vector<std::string> leftovers_;
  std::vector<std::filesystem::path> leftover_directories_;
  std::optional<int> stopped_by_;  // A signal that came while the result was brought home.
};

}  // namespace

engine::RunRules make_rules(const config::Config& config,
                            const std::map<RoleName, ResolvedRole>& roles,
                            std::string_view isolation) {
  engine::RunRules rules;
  rules.max_wave_parallelism = config.execution.max_wave_parallelism;
  rules.schedule = config.execution.schedule == config::Schedule::dependencies
                       ? engine::ScheduleMode::dependencies
                       : engine::ScheduleMode::waves;
  rules.max_crash_retries = config.execution.max_crash_retries;
  rules.circuit_breaker = config.execution.circuit_breaker;
  rules.is_review_enabled = config.features.code_review;
  rules.is_spec_review_enabled = is_enabled(roles, RoleName::spec_reviewer);
  rules.is_quality_review_enabled = is_enabled(roles, RoleName::code_reviewer);
  rules.is_researcher_enabled = is_enabled(roles, RoleName::researcher);
  rules.is_assessor_enabled = is_enabled(roles, RoleName::assessor);
  rules.runs_plans_alone = isolation == "none";
  rules.is_lease_declared = config.execution.lease == config::Lease::declared;
  rules.resumes_sessions = config.execution.fix_attempts == config::FixAttempts::resume;
  rules.budget = budget_limits(config.budget);
  return rules;
}

Result<engine::RunState> replay_state(const ports::Journal& journal,
                                      const std::map<int, plan::Plan>& plans,
                                      const std::function<void(const engine::Event&)>& seen) {
  engine::RunState state(define_plans(plans));
  KON_TRY_VOID(journal.replay([&state, &seen](engine::Event&& event) -> Result<void> {
    const Result<void> applied = state.apply(event);
    if (applied.has_error() && applied.error().code == ErrorCode::internal)
      return Error{ErrorCode::environment,
                   "the journal is damaged: " + applied.error().message +
                       "; move .konductor/konductor.db away and run again with the marker files"};
    if (seen && applied.has_value()) seen(event);
    return applied;
  }));
  return state;
}

Task<Result<ExecuteResult>> execute(boost::asio::io_context& context, RunPorts& ports,
                                    const RunFacts& facts, const ExecuteRequest& request,
                                    std::vector<ports::RunObserver*> observers, StopSignal& stop,
                                    std::function<void(std::function<void(int)>)> on_signal,
                                    std::function<void(const std::string&)> note) {
  Execution execution(ports, facts, request, std::move(note));
  const Result<void> prepared = execution.prepare();
  KON_CO_TRY_VOID(prepared);
  Result<ExecuteResult> result =
      co_await execution.run(context, std::move(observers), stop, std::move(on_signal));
  co_return result;
}

}  // namespace konductor::driver
