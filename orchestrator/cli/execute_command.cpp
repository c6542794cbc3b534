// SPDX-License-Identifier: MIT
#include "cli/execute_command.hpp"

#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <optional>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/dry_run.hpp"
#include "cli/engine_identity.hpp"
#include "cli/engine_log.hpp"
#include "cli/event_stream.hpp"
#include "cli/execute_report.hpp"
#include "cli/execute_request.hpp"
#include "cli/notifier.hpp"
#include "cli/old_runs.hpp"
#include "cli/operator_action.hpp"
#include "cli/phase_preparation.hpp"
#include "cli/phase_view.hpp"
#include "cli/result_json.hpp"
#include "cli/result_text.hpp"
#include "cli/run_reports.hpp"
#include "cli/terminal_person.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/execute.hpp"
#include "driver/fenced_ports.hpp"
#include "driver/redaction.hpp"
#include "driver/role_resolution.hpp"
#include "plan/plan_check.hpp"
#include "platform/boost_process_launcher.hpp"
#include "platform/inotify_arrival_watch.hpp"
#include "platform/inotify_change_watcher.hpp"
#include "platform/posix_file_store.hpp"
#include "platform/shutdown_signals.hpp"
#include "platform/sqlite_journal.hpp"
#include "platform/system_clock.hpp"
#include "records/state_file.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kWorkThreads = 4;  // For git and files.

// One call of `konductor execute`, step by step; what fails ends it.
class ExecuteCommand {
 public:
  ExecuteCommand(const ExecuteOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options),
        common_(common),
        around_(around),
        reports_(options, common.directory, around.environment) {}

  int run() {
    try {
      return run_phase();
    } catch (const std::exception& thrown) {
      document_.exit = 1;
      document_.outcome = "failed";
      document_.message = thrown.what();
      document_.state = nullptr;
      write_reports();
      throw;
    }
  }

 private:
  int run_phase() {
    document_.phase = options_.phase;
    if (options_.events == "-" && common_.is_json)
      return fail(Error{ErrorCode::invalid_input,
                        "--json and --events - would both write to stdout; give --events a file"});
    if (options_.is_interactive) {
      const Result<void> there = find_person(around_);
      if (there.has_error()) return fail(there.error());
    }
    const Result<void> loaded = load();
    if (loaded.has_error()) return fail(loaded.error());
    if (const Result<void> checked = reports_.check(); checked.has_error())
      return fail(checked.error());
    is_loaded_ = !options_.is_dry_run;
    if (!are_plans_good()) return refuse_plans();
    const Result<void> scoped = read_request(files_, options_, facts_, request_);
    if (scoped.has_error()) return fail(scoped.error());
    if (options_.is_dry_run) return dry_run();
    const Result<void> ready = get_ready();
    const int exit = ready.has_error() ? fail(reason(ready.error())) : execute();
    remove_finished_runs();
    close_journal();
    // Nobody waits for this engine any more, whoever is still being told of it.
    held_.workspaces.reset();
    held_.fence.reset();
    tell_the_rest();
    return exit;
  }

  void tell_the_rest() {
    if (!notifier_) return;
    notifier_->finish_within(facts_.config.notify.timeout);
    context_.restart();
    context_.run();
  }

  void remove_finished_runs() {
    if (!held_.journal) return;
    const Result<ports::Act> act = ports::Act::begin(*held_.fence);
    if (act.has_error()) return;
    const std::size_t removed =
        remove_old_runs(files_, *held_.journal, facts_, clock_.wall_milliseconds());
    if (removed > 0) note("runs.keep: removed " + counted(removed, "folder") + " of earlier runs");
  }

  // The last one to close a database moves its log into it, and holds it meanwhile.
  void close_journal() {
    if (!held_.journal) return;
    const Result<ports::Act> act = ports::Act::begin(*held_.fence);
    held_.journal.reset();
  }

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
    KON_TRY_VOID(check_state_file());
    KON_TRY(phase_, driver::load_phase_plans(files_, facts_.phase));
    diagnostics_ = judged(phase_.check(), options_.is_strict);
    facts_.plans = phase_.plans();
    facts_.environment = around_.environment;
    facts_.redactor = driver::make_redactor(facts_.environment, facts_.config);
    const Result<std::string> context = files_.read(facts_.layout.project_text());
    if (context.has_value()) facts_.project_context = context.value();
    if (!options_.record.empty())
      facts_.record_directory = fs::absolute(from_start(options_.record));
    return {};
  }

  // What cannot be read could not be written back either, after all the work.
  Result<void> check_state_file() const {
    const Result<std::string> text = files_.read(facts_.layout.state());
    if (text.has_error()) {
      if (text.error().code == ErrorCode::not_found) return {};
      return text.error();
    }
    const auto state = records::parse_state(text.value());
    if (state.has_error())
      return Error{ErrorCode::invalid_input, ".konductor/state.toml: " + state.error().message +
                                                 "; mend the file, or move it away"};
    return {};
  }

  // A path as typed means one seen from where the program was to start.
  std::string from_start(const std::string& path) const {
    return (fs::path(common_.directory) / path).string();
  }

  bool are_plans_good() const { return !plan::has_errors(diagnostics_); }

  void print_diagnostics() {
    for (const plan::Diagnostic& diagnostic : diagnostics_)
      around_.err << plan::format_diagnostic(diagnostic) << "\n";
    if (is_ci(options_, around_.environment))
      print_annotations(around_.err, around_.environment, facts_.layout.root, diagnostics_);
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

  int dry_run() {
    document_.outcome = "dry_run";
    Result<engine::RunState> state =
        read_state(facts_.layout.database(), facts_.phase.id, facts_.plans);
    if (state.has_error()) return fail(state.error());
    if (request_.scope.only && state.value().task(*request_.scope.only) == nullptr)
      return fail(Error{ErrorCode::invalid_input,
                        "no task " + address_text(facts_.phase.id, *request_.scope.only) +
                            " in this phase; see `konductor plan list`"});
    request_.markers = driver::read_markers(files_, phase_);
    const Result<engine::RunState> begun = begin_run(state.value(), request_);
    if (begun.has_error()) return fail(begun.error());
    document_.state = &state.value();
    document_.is_review_enabled = facts_.config.features.code_review;
    document_.scope = request_.scope;
    document_.message = "nothing was started";
    const auto journal =
        platform::SqliteJournal::open_read_only(facts_.layout.database(), facts_.phase.id);
    if (journal.has_value()) {
      const Result<void> timed = read_durations(*journal.value(), facts_);
      if (timed.has_error()) return fail(timed.error());
    }
    print_dry_run(around_.out, facts_, begun.value(), request_.scope, document_, common_.is_json);
    document_.state = nullptr;
    return 0;
  }

  Result<void> get_ready() {
    const std::int64_t now = clock_.wall_milliseconds();
    const PreparationOutside outside{files_, context_.get_executor(),
                                     [this](const std::string& text) { note(text); }};
    KON_TRY_VOID(prepare_phase(outside, options_.takes_over, now, facts_, held_));
    request_.markers = driver::read_markers(files_, phase_);
    facts_.are_others_active = [database = facts_.layout.database(), phase = facts_.phase.id, now] {
      return are_other_phases_active(database, phase, now);
    };
    request_.version = KONDUCTOR_VERSION;
    request_.host = host_name();
    request_.usd_max = options_.usd_max;
    request_.seconds_max = std::chrono::duration<double>(options_.time_max).count();
    if (!options_.events.empty()) {
      KON_TRY(events_, EventStream::open(
                           options_.events == "-" ? options_.events : from_start(options_.events),
                           around_.out));
    }
    if (!is_ci(options_, facts_.environment)) ask_for_approvals(around_, facts_, request_);
    return {};
  }

  void note(const std::string& text) {
    if (report_)
      report_->note(text);
    else if (!common_.is_quiet)
      around_.err << "konductor: note: " << text << "\n";
  }

  // --- The run ---

  std::vector<ports::RunObserver*> observers() {
    std::vector<ports::RunObserver*> all;
    const Result<void> log_opened =
        log_.open(facts_.layout.run_directory(facts_.run), common_.is_verbose);
    if (log_opened.has_value()) all.push_back(&log_);
    make_report();
    if (report_) all.push_back(report_.get());
    if (events_) all.push_back(events_.get());
    if (reports_.is_wanted()) all.push_back(&reports_);
    const config::NotifySettings& notify = facts_.config.notify;
    if (!notify.command.empty() || !notify.webhook.empty()) {
      notifier_ = std::make_unique<Notifier>(
          NotifierOutside{context_, clock_, launcher_, files_}, notify, facts_.phase.id,
          facts_.layout.root, facts_.layout.run_directory(facts_.run) / "notifications",
          facts_.environment, [this](const std::string& text) { note(text); });
      all.push_back(notifier_.get());
    }
    return all;
  }

  void make_report() {
    const ReportKind kind = choose_report(options_, common_, around_);
    engine::TaskDurations durations;
    // Without them it is not said how long the rest will take.
    if (kind == ReportKind::live) {
      const Result<engine::TaskDurations> timed = held_.journal->task_durations();
      if (timed.has_value()) durations = timed.value();
    }
    report_ =
        make_execute_report(kind, facts_, std::move(durations), common_.is_verbose, around_,
                            {context_.get_executor(), clock_, STDERR_FILENO, make_paint(around_)});
    request_.tell_state = [this](const engine::RunState& state) {
      if (report_) report_->on_start(state);
    };
  }

  // A person reads the first few; the check shows them all.
  void print_warnings() {
    if (common_.is_quiet) return;
    constexpr std::size_t kWarningsMax = 10;
    for (std::size_t i = 0; i < diagnostics_.size() && i < kWarningsMax; ++i)
      around_.err << plan::format_diagnostic(diagnostics_[i]) << "\n";
    if (diagnostics_.size() > kWarningsMax)
      around_.err << diagnostics_.size() - kWarningsMax << " more warnings: konductor plan check "
                  << facts_.phase.id << "\n";
    if (is_ci(options_, around_.environment))
      print_annotations(around_.err, around_.environment, facts_.layout.root, diagnostics_);
  }

  int execute() {
    print_warnings();
    document_.run = facts_.run;
    if (options_.is_interactive)
      person_ = std::make_unique<TerminalPerson>(context_, around_, facts_.phase.id,
                                                 [this](bool is_open) {
                                                   if (report_) report_->hold(is_open);
                                                 });
    journal_pool_.emplace(1);
    work_pool_.emplace(kWorkThreads);
    driver::FencedLauncher launcher(launcher_, *held_.fence);
    driver::FencedFileStore files(files_, *held_.fence);
    driver::FencedWorkspaces workspaces(*held_.workspaces, *held_.fence);
    driver::FencedJournal journal(*held_.journal, *held_.fence);
    driver::RunPorts ports{clock_,
                           launcher,
                           files,
                           workspaces,
                           journal,
                           change_watcher_,
                           arrivals_,
                           journal_pool_->get_executor(),
                           work_pool_->get_executor(),
                           person_.get()};
    platform::ShutdownSignals signals(context_.get_executor());
    driver::StopSignal stop(context_.get_executor());
    std::function<void(int)> on_signal;
    boost::asio::cancellation_signal listening;
    bool is_over = false;
    boost::asio::co_spawn(
        context_, listen(*this, signals, on_signal),
        boost::asio::bind_cancellation_slot(listening.slot(),
                                            [&is_over](std::exception_ptr) { is_over = true; }));
    Result<driver::ExecuteResult> result = Error{};
    std::exception_ptr thrown;
    auto tell = [this](const std::string& text) { note(text); };
    auto set_handler = [&on_signal](std::function<void(int)> handler) {
      on_signal = std::move(handler);
    };
    boost::asio::co_spawn(
        context_,
        driver::execute(context_, ports, facts_, request_, observers(), stop, set_handler, tell),
        [&](std::exception_ptr error, Result<driver::ExecuteResult> ended) {
          thrown = error;
          if (!error) result = std::move(ended);
          listening.emit(boost::asio::cancellation_type::terminal);
          // From here on all is printed as usual.
          if (report_) report_->close();
        });
    // Whoever is told of its end is not waited for.
    while (notifier_ && !is_over && context_.run_one() > 0) {
    }
    if (notifier_)
      context_.poll();
    else
      context_.run();
    if (thrown) std::rethrow_exception(thrown);
    if (result.has_error()) return fail(reason(result.error()));
    return conclude(result.value());
  }

  static driver::Task<void> listen(ExecuteCommand& self, platform::ShutdownSignals& signals,
                                   std::function<void(int)>& on_signal) {
    while (true) {
      const int signal = co_await signals.next();
      if (self.report_) self.tell_signal(signal, signals.count());
      if (on_signal) on_signal(signal);
    }
  }

  void tell_signal(int signal, int count) {
    if (signal == SIGCONT)
      report_->on_resume();
    else if (count <= 2)
      report_->on_stop(signal, count, clock_.wall_milliseconds());
  }

  int conclude(const driver::ExecuteResult& result) {
    if (result.error) {
      around_.err << "konductor: error: " << result.error->message << "\n";
      document_.errors.push_back(result_error(*result.error));
    }
    document_.exit = result.exit;
    document_.outcome = result.outcome;
    document_.seconds = result.seconds;
    document_.expected_seconds = result.expected_seconds;
    document_.state = &result.state;
    document_.delivery = result.delivery;
    document_.delivery_state = result.delivery_state;
    document_.is_review_enabled = facts_.config.features.code_review;
    document_.scope = request_.scope;
    document_.message = result_message(document_);
    write_reports();
    if (common_.is_json) around_.out << result_json(document_) << "\n" << std::flush;
    print_result(around_.err, make_paint(around_), document_,
                 facts_.layout.run_directory(facts_.run), common_.is_quiet);
    return document_.exit;
  }

  // Once a phase is loaded its reports are written, whatever comes of it.
  void write_reports() {
    if (!is_loaded_ || !reports_.is_wanted()) return;
    is_loaded_ = false;
    const engine::RunState planned(driver::define_plans(facts_.plans));
    // Without a result the journal may be in use still.
    const ports::Journal* journal = document_.state == nullptr ? nullptr : held_.journal.get();
    const Result<void> written = reports_.write(files_, document_, planned, journal);
    if (written.has_value()) return;
    around_.err << "konductor: error: " << written.error().message << "\n";
    document_.errors.push_back(result_error(written.error()));
    if (document_.exit == 0) document_.exit = exit_code_of(written.error());
  }

  // An engine that was put aside may have read a part before that and a part after it.
  Error reason(const Error& error) {
    if (!held_.fence) return error;
    const Result<ports::Act> act = ports::Act::begin(*held_.fence);
    return act.has_error() ? act.error() : error;
  }

  int fail(const Error& error) {
    document_.exit = exit_code_of(error);
    around_.err << "konductor: error: " << error.message << "\n";
    document_.outcome = document_.exit == 5   ? "busy"
                        : document_.exit == 6 ? "environment"
                        : document_.exit == 2 ? "invalid"
                                              : "failed";
    document_.message = error.message;
    if (document_.errors.empty()) document_.errors.push_back(result_error(error));
    document_.run.reset();
    write_reports();
    if (common_.is_json) around_.out << result_json(document_) << "\n" << std::flush;
    return document_.exit;
  }

  const ExecuteOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  RunReports reports_;
  bool is_loaded_ = false;

  boost::asio::io_context context_{1};
  platform::PosixFileStore files_;
  platform::SystemClock clock_{context_.get_executor()};
  platform::InotifyChangeWatcher change_watcher_;
  platform::InotifyArrivalWatch arrivals_{context_.get_executor()};
  platform::BoostProcessLauncher launcher_{context_.get_executor()};
  HeldPhase held_;
  std::unique_ptr<EventStream> events_;
  std::unique_ptr<RunReport> report_;
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<TerminalPerson> person_;
  EngineLog log_;

  driver::RunFacts facts_;
  driver::PhasePlans phase_;
  driver::ExecuteRequest request_;
  std::vector<plan::Diagnostic> diagnostics_;
  ResultDocument document_;

  // Last, so that their threads end before what their jobs use. None before the process is where it
  // has to be.
  std::optional<boost::asio::thread_pool> journal_pool_;
  std::optional<boost::asio::thread_pool> work_pool_;
};

}  // namespace

int run_execute_command(const ExecuteOptions& options, const CommonOptions& common,
                        Surroundings& around) {
  return ExecuteCommand(options, common, around).run();
}

}  // namespace konductor::cli
