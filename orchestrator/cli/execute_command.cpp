// SPDX-License-Identifier: MIT
#include "cli/execute_command.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <ctime>
#include <iostream>
#include <random>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/dry_run.hpp"
#include "cli/engine_log.hpp"
#include "cli/event_stream.hpp"
#include "cli/result_json.hpp"
#include "cli/result_text.hpp"
#include "cli/terminal_report.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/execute.hpp"
#include "driver/role_resolution.hpp"
#include "plan/plan_check.hpp"
#include "platform/boost_process_launcher.hpp"
#include "platform/file_lock.hpp"
#include "platform/git_factory.hpp"
#include "platform/inotify_change_watcher.hpp"
#include "platform/posix_file_store.hpp"
#include "platform/shutdown_signals.hpp"
#include "platform/sqlite_journal.hpp"
#include "platform/system_clock.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

// "20260131T120000-1a2b": sorts by time, and two at once still differ.
std::string make_run_id(std::int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &parts);
  std::random_device random;
  std::array<char, 8> suffix{};
  std::snprintf(suffix.data(), suffix.size(), "%04x", random() & 0xFFFFU);
  return std::string(text.data()) + "-" + suffix.data();
}

fs::path program_directory() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

// The player that is installed beside this program.
fs::path replay_program() {
  return program_directory() / "konductor-replay";
}

Result<int> plan_number(const std::string& text, const driver::PhaseLocation& phase) {
  KON_TRY(const AddressText address, parse_address(text, AddressKind::plan));
  if (address.phase && *address.phase != phase.id && *address.phase != phase.directory_name)
    return Error{ErrorCode::invalid_input,
                 quote(text) + " is not in phase " + quote(phase.id) + ", which is to be executed"};
  return *address.plan;
}

Result<TaskAddress> task_address(const std::string& text, const driver::PhaseLocation& phase) {
  KON_TRY(const AddressText address, parse_address(text, AddressKind::task));
  if (address.phase && *address.phase != phase.id && *address.phase != phase.directory_name)
    return Error{ErrorCode::invalid_input,
                 quote(text) + " is not in phase " + quote(phase.id) + ", which is to be executed"};
  return TaskAddress{*address.plan, *address.task};
}

// One call of `konductor execute`, step by step; what fails ends it.
class ExecuteCommand {
 public:
  ExecuteCommand(const ExecuteOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around) {}

  int run() {
    document_.phase = options_.phase;
    if (options_.events == "-" && common_.is_json)
      return fail(Error{ErrorCode::invalid_input,
                        "--json and --events - would both write to stdout; give --events a file"});
    const Result<void> loaded = load();
    if (loaded.has_error()) return fail(loaded.error());
    if (!are_plans_good()) return refuse_plans();
    const Result<void> scoped = read_scope();
    if (scoped.has_error()) return fail(scoped.error());
    if (options_.is_dry_run) return dry_run();
    const Result<void> ready = get_ready();
    if (ready.has_error()) return fail(ready.error());
    return execute();
  }

 private:
  // --- Before anything is started ---

  Result<void> load() {
    KON_TRY(facts_.layout, driver::find_project(common_.directory));
    KON_TRY(facts_.config, load_configuration(files_, facts_.layout, common_, around_.environment));
    if (options_.phase.empty()) {
      KON_TRY(facts_.phase, driver::find_default_phase(files_, facts_.layout,
                                                       current_phase(files_, facts_.layout)));
    } else {
      KON_TRY(facts_.phase, driver::find_phase(files_, facts_.layout, options_.phase));
    }
    document_.phase = facts_.phase.id;
    KON_TRY(phase_, driver::load_phase_plans(files_, facts_.phase));
    diagnostics_ = judged(phase_.check(), options_.is_strict);
    facts_.plans = phase_.plans();
    facts_.environment = around_.environment;
    const Result<std::string> context = files_.read(facts_.layout.project_text());
    if (context.has_value()) facts_.project_context = context.value();
    if (!options_.record.empty()) facts_.record_directory = fs::absolute(options_.record);
    return {};
  }

  bool are_plans_good() const { return !plan::has_errors(diagnostics_); }

  void print_diagnostics() {
    for (const plan::Diagnostic& diagnostic : diagnostics_)
      around_.err << plan::format_diagnostic(diagnostic) << "\n";
  }

  int refuse_plans() {
    print_diagnostics();
    const Error error{ErrorCode::invalid_input, "the plans of phase " + quote(facts_.phase.id) +
                                                    " have " + count_text(diagnostics_) +
                                                    "; nothing was started"};
    for (const plan::Diagnostic& diagnostic : diagnostics_)
      if (diagnostic.severity == plan::Severity::error)
        document_.errors.push_back(result_error(diagnostic));
    return fail(error);
  }

  Result<void> check_plan(int number, const std::string& text) const {
    if (facts_.plans.count(number) != 0) return {};
    return Error{ErrorCode::invalid_input, "no plan " + quote(text) + " in phase " +
                                               quote(facts_.phase.id) +
                                               "; see `konductor plan list`"};
  }

  Result<void> read_scope() {
    if (!options_.plan.empty()) {
      KON_TRY(request_.scope.plan, plan_number(options_.plan, facts_.phase));
      KON_TRY_VOID(check_plan(*request_.scope.plan, options_.plan));
    }
    if (!options_.only.empty()) {
      KON_TRY(const TaskAddress only, task_address(options_.only, facts_.phase));
      KON_TRY_VOID(check_plan(only.plan, options_.only));
      request_.scope.only = only;
    }
    request_.scope.until_wave = options_.until_wave;
    for (const std::string& text : options_.approvals) {
      KON_TRY(const int plan, plan_number(text, facts_.phase));
      KON_TRY_VOID(check_plan(plan, text));
      request_.scope.approved.insert(plan);
    }
    for (const std::string& text : options_.retries) {
      KON_TRY(const TaskAddress task, task_address(text, facts_.phase));
      if (!task.is_phase()) KON_TRY_VOID(check_plan(task.plan, text));
      request_.retry.tasks.insert(task);
    }
    request_.retry.phase = facts_.phase.id;
    request_.retry.all_blocked = options_.retries_blocked;
    request_.retry.is_rebuilding_markers = options_.rebuilds_markers;
    request_.scope.refiles = options_.rebuilds_markers;
    return {};
  }

  int dry_run() {
    document_.outcome = "dry_run";
    Result<engine::RunState> state = state_so_far();
    if (state.has_error()) return fail(state.error());
    if (request_.scope.only && state.value().task(*request_.scope.only) == nullptr)
      return fail(Error{ErrorCode::invalid_input,
                        "no task " + address_text(facts_.phase.id, *request_.scope.only) +
                            " in this phase; see `konductor plan list`"});
    document_.state = &state.value();
    document_.is_review_enabled = facts_.config.features.code_review;
    document_.scope = request_.scope;
    document_.message = "nothing was started";
    print_dry_run(around_.out, facts_, state.value(), request_.scope, document_, common_.is_json);
    document_.state = nullptr;
    return 0;
  }

  Result<engine::RunState> state_so_far() const {
    Result<std::unique_ptr<platform::SqliteJournal>> journal =
        platform::SqliteJournal::open_read_only(facts_.layout.database(), facts_.phase.id);
    if (journal.has_error()) {
      if (journal.error().code != ErrorCode::not_found) return journal.error();
      return engine::RunState(driver::define_plans(facts_.plans));
    }
    return driver::replay_state(*journal.value(), facts_.plans);
  }

  Result<void> get_ready() {
    if (!facts_.config.git.auto_commit)
      return Error{
          ErrorCode::invalid_input,
          "git.auto_commit = false is not supported by this version; leave it out, or keep "
          "the result on its own branch with git.branching_strategy = \"feature\""};
    KON_TRY(facts_.roles,
            driver::resolve_roles(files_, facts_.layout, facts_.config, facts_.phase.id,
                                  facts_.environment, replay_program()));
    KON_TRY_VOID(driver::ensure_ignore_file(files_, facts_.layout));
    const std::int64_t now = clock_.wall_milliseconds();
    facts_.run = make_run_id(now);
    const fs::path lock_path = facts_.layout.lock(facts_.phase.id);
    Result<platform::FileLock> lock = options_.takes_over
                                          ? platform::FileLock::take_over(lock_path, now)
                                          : platform::FileLock::try_lock(lock_path, now);
    if (lock.has_error()) return lock.error().with_context("phase " + quote(facts_.phase.id));
    lock_ = std::make_unique<platform::FileLock>(std::move(lock).value());
    remove_cut_off_writes();
    KON_TRY(journal_, platform::SqliteJournal::open(facts_.layout.database(), facts_.phase.id));
    platform::WorkspacesOptions options;
    options.root = facts_.layout.root;
    options.phase = facts_.phase.id;
    options.run = facts_.run;
    options.worktree_dir = facts_.config.git.worktree_dir;
    options.branching_strategy = config::to_string(facts_.config.git.branching_strategy);
    KON_TRY(workspaces_,
            platform::make_workspaces(options, config::to_string(facts_.config.git.isolation)));
    request_.markers = driver::read_markers(files_, phase_);
    facts_.are_others_active = [this, now] { return are_others_active(now); };
    request_.version = KONDUCTOR_VERSION;
    request_.host = host_name();
    if (!options_.events.empty()) {
      KON_TRY(events_, EventStream::open(options_.events, around_.out));
    }
    approve_at_terminal();
    return {};
  }

  // Asked from any thread, so with a connection of its own.
  bool are_others_active(std::int64_t since) const {
    const fs::path database = facts_.layout.database();
    const auto own = platform::SqliteJournal::open_read_only(database, facts_.phase.id);
    if (own.has_error()) return false;
    const Result<std::vector<std::string>> phases = own.value()->phases();
    if (phases.has_error()) return false;
    for (const std::string& phase : phases.value()) {
      if (phase == facts_.phase.id) continue;
      const auto other = platform::SqliteJournal::open_read_only(database, phase);
      if (other.has_error()) continue;
      const Result<std::optional<platform::LastRun>> run = other.value()->last_run();
      if (run.has_value() && run.value() && run.value()->last_event_at >= since) return true;
    }
    return false;
  }

  // A killed engine may have left files that it was about to put in their places. The phase's
  // folders are this engine's now, the others are shared with those of other phases.
  void remove_cut_off_writes() const {
    using platform::TemporariesOf;
    platform::remove_temporary_files(facts_.phase.directory, TemporariesOf::everybody);
    platform::remove_temporary_files(facts_.phase.plans(), TemporariesOf::everybody);
    platform::remove_temporary_files(facts_.layout.home(), TemporariesOf::dead_processes);
    platform::remove_temporary_files(facts_.layout.results(), TemporariesOf::dead_processes);
  }

  // A person at a terminal is asked about plans that are not to run by themselves.
  void approve_at_terminal() {
    const bool can_ask = around_.is_input_terminal && around_.is_error_terminal &&
                         driver::environment_value(around_.environment, "CI").empty();
    if (!can_ask) return;
    for (const auto& [number, plan] : facts_.plans) {
      if (plan.autonomous || request_.scope.approved.count(number) != 0) continue;
      if (request_.markers.plans.count(number) != 0) continue;
      around_.err << "plan " << plan_address_text(facts_.phase.id, number) << " (" << plan.title
                  << ") is not autonomous. Run it? [y/N] " << std::flush;
      std::string answer;
      std::getline(std::cin, answer);
      if (answer == "y" || answer == "Y" || answer == "yes") request_.scope.approved.insert(number);
    }
  }

  // --- The run ---

  std::vector<ports::RunObserver*> observers() {
    std::vector<ports::RunObserver*> all;
    const Result<void> log_opened =
        log_.open(facts_.layout.run_directory(facts_.run), common_.is_verbose);
    if (log_opened.has_value()) all.push_back(&log_);
    if (!common_.is_quiet) {
      report_ = std::make_unique<TerminalReport>(around_.err, make_paint(around_), facts_.phase.id,
                                                 common_.is_verbose);
      all.push_back(report_.get());
    }
    if (events_) all.push_back(events_.get());
    return all;
  }

  int execute() {
    print_diagnostics();
    document_.run = facts_.run;
    driver::RunPorts ports{clock_,    launcher_,       files_,        *workspaces_,
                           *journal_, change_watcher_, journal_pool_, work_pool_};
    platform::ShutdownSignals signals(context_.get_executor());
    driver::StopSignal stop(context_.get_executor());
    std::function<void(int)> on_signal;
    boost::asio::cancellation_signal listening;
    boost::asio::co_spawn(
        context_, listen(signals, on_signal),
        boost::asio::bind_cancellation_slot(listening.slot(), [](std::exception_ptr) {}));
    Result<driver::ExecuteResult> result = Error{};
    std::exception_ptr thrown;
    auto note = [this](const std::string& text) {
      if (!common_.is_quiet) around_.err << "konductor: note: " << text << "\n";
    };
    auto set_handler = [&on_signal](std::function<void(int)> handler) {
      on_signal = std::move(handler);
    };
    boost::asio::co_spawn(
        context_,
        driver::execute(context_, ports, facts_, request_, observers(), stop, set_handler, note),
        [&](std::exception_ptr error, Result<driver::ExecuteResult> ended) {
          thrown = error;
          if (!error) result = std::move(ended);
          listening.emit(boost::asio::cancellation_type::terminal);
        });
    context_.run();
    if (thrown) std::rethrow_exception(thrown);
    if (result.has_error()) return fail(result.error());
    return conclude(result.value());
  }

  static driver::Task<void> listen(platform::ShutdownSignals& signals,
                                   std::function<void(int)>& on_signal) {
    while (true) {
      const int signal = co_await signals.next();
      if (on_signal) on_signal(signal);
    }
  }

  int conclude(const driver::ExecuteResult& result) {
    if (result.error) {
      around_.err << "konductor: error: " << result.error->message << "\n";
      document_.errors.push_back(result_error(*result.error));
    }
    document_.exit = result.exit;
    document_.outcome = result.outcome;
    document_.seconds = result.seconds;
    document_.state = &result.state;
    document_.delivery = result.delivery;
    document_.delivery_state = result.delivery_state;
    document_.is_review_enabled = facts_.config.features.code_review;
    document_.scope = request_.scope;
    document_.message = result_message(document_);
    if (common_.is_json) around_.out << result_json(document_) << "\n" << std::flush;
    print_result(around_.err, make_paint(around_), document_,
                 facts_.layout.run_directory(facts_.run), common_.is_quiet);
    return result.exit;
  }

  int fail(const Error& error) {
    document_.exit = exit_code_of(error);
    around_.err << "konductor: error: " << error.message << "\n";
    if (!common_.is_json) return document_.exit;
    document_.outcome = document_.exit == 5   ? "busy"
                        : document_.exit == 6 ? "environment"
                        : document_.exit == 2 ? "invalid"
                                              : "failed";
    document_.message = error.message;
    if (document_.errors.empty()) document_.errors.push_back(result_error(error));
    document_.run.reset();
    around_.out << result_json(document_) << "\n" << std::flush;
    return document_.exit;
  }

  const ExecuteOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;

  boost::asio::io_context context_{1};
  platform::PosixFileStore files_;
  platform::SystemClock clock_{context_.get_executor()};
  platform::InotifyChangeWatcher change_watcher_;
  platform::BoostProcessLauncher launcher_{context_.get_executor()};
  std::unique_ptr<platform::FileLock> lock_;
  std::unique_ptr<platform::SqliteJournal> journal_;
  std::unique_ptr<ports::Workspaces> workspaces_;
  std::unique_ptr<EventStream> events_;
  std::unique_ptr<TerminalReport> report_;
  EngineLog log_;

  driver::RunFacts facts_;
  driver::PhasePlans phase_;
  driver::ExecuteRequest request_;
  std::vector<plan::Diagnostic> diagnostics_;
  ResultDocument document_;

  // Last, so that their threads end before what their jobs use.
  boost::asio::thread_pool journal_pool_{1};
  boost::asio::thread_pool work_pool_{4};
};

}  // namespace

int run_execute_command(const ExecuteOptions& options, const CommonOptions& common,
                        Surroundings& around) {
  return ExecuteCommand(options, common, around).run();
}

}  // namespace konductor::cli
