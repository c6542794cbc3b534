// SPDX-License-Identifier: MIT
#include "cli/watch_command.hpp"

#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/event_stream.hpp"
#include "cli/execute_report.hpp"
#include "cli/journal_follower.hpp"
#include "cli/lock_holder.hpp"
#include "cli/phase_view.hpp"
#include "cli/result_text.hpp"
#include "driver/output_follower.hpp"
#include "driver/redaction.hpp"
#include "platform/posix_file_store.hpp"
#include "platform/shutdown_signals.hpp"
#include "platform/sqlite_journal.hpp"
#include "platform/system_clock.hpp"

namespace konductor::cli {
namespace {

namespace event = engine::event;
using ports::Task;

constexpr std::chrono::milliseconds kPause{200};
constexpr int kLooksUntilSure = 10;  // Looks that find nothing until the journal is read anyway.

// One call of `konductor watch`.
class Watch {
 public:
  Watch(const WatchOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around) {}

  int run() {
    const Result<void> prepared = prepare();
    if (prepared.has_error()) return refuse(prepared.error());
    Result<std::vector<engine::Event>> told = follower_->look();
    if (told.has_error()) return refuse(told.error());
    holder_ = find_holder();
    if (!holder_) return tell_last_run(told.value());
    // The engine is there, and has not told yet that it runs.
    if (result_of(told.value())) told.value().clear();
    begin(told.value());
    platform::ShutdownSignals signals(context_.get_executor());
    boost::asio::cancellation_signal listening;
    boost::asio::cancellation_signal following;
    std::exception_ptr thrown;
    boost::asio::co_spawn(
        context_, listen(*this, signals, following),
        boost::asio::bind_cancellation_slot(listening.slot(), [](std::exception_ptr) {}));
    boost::asio::co_spawn(
        context_, follow(*this),
        boost::asio::bind_cancellation_slot(following.slot(), [&](std::exception_ptr error) {
          if (signal_ == 0) thrown = error;
          listening.emit(boost::asio::cancellation_type::terminal);
          if (report_) report_->close();
        }));
    context_.run();
    if (thrown) std::rethrow_exception(thrown);
    return conclude();
  }

 private:
  // --- Before anything is shown ---

  Result<void> prepare() {
    KON_TRY(chosen_, choose_phase(files_, common_, options_.phase));
    KON_TRY(config_, load_configuration(files_, chosen_.layout, common_, around_.environment));
    KON_TRY(const driver::PhasePlans phase, driver::load_phase_plans(files_, chosen_.location));
    redactor_ = driver::make_redactor(around_.environment, config_);
    follower_ =
        std::make_unique<JournalFollower>(chosen_.layout.database(), phase_id(), phase.plans());
    return {};
  }

  [[nodiscard]] const std::string& phase_id() const { return chosen_.location.id; }

  std::optional<LockHolder> find_holder() const {
    return find_lock_holder(chosen_.layout.lock(phase_id()));
  }

  static const event::run_finished* result_of(const std::vector<engine::Event>& events) {
    for (auto it = events.rbegin(); it != events.rend(); ++it)
      if (const auto* finished = std::get_if<event::run_finished>(&it->body)) return finished;
    return nullptr;
  }

  // Nobody works at it: what came of it last.
  int tell_last_run(const std::vector<engine::Event>& events) {
    const event::run_finished* finished = result_of(events);
    if (finished == nullptr) {
      const bool was_begun = !events.empty();
      return refuse(
          Error{ErrorCode::internal, "no engine runs phase " + quote(phase_id()) +
                                         (was_begun ? ", its last run was cut off; go on with"
                                                    : " and none ever did; start it with") +
                                         " `konductor execute " + phase_id() + "`"});
    }
    result_ = *finished;
    for (const engine::Event& one : events)
      track(one);
    if (common_.is_json) {
      EventStream stream(nullptr, around_.out);
      for (const engine::Event& one : events)
        stream.on_event(one);
      return result_->exit;
    }
    if (!common_.is_quiet)
      around_.out << "no engine runs phase " << phase_id() << " now; its last run, " << run_
                  << ", came to this:\n";
    print_outcome();
    return result_->exit;
  }

  // --- While it runs ---

  void begin(const std::vector<engine::Event>& told) {
    make_observer();
    if (!common_.is_quiet && !common_.is_json) say_what_is_watched();
    if (report_) report_->on_start(follower_->state());
    for (const engine::Event& one : told)
      track(one);
    if (report_)
      report_->catch_up(told);
    else if (observer_ != nullptr)
      for (const engine::Event& one : told)
        observer_->on_event(one);
    follow_attempts();
  }

  void make_observer() {
    const Paint paint = make_output_paint(around_);
    if (common_.is_json) {
      stream_ = std::make_unique<EventStream>(nullptr, around_.out);
      observer_ = stream_.get();
    } else if (!common_.is_quiet) {
      const bool is_live =
          around_.is_output_terminal && is_drawable(around_.environment) && !options_.is_plain;
      report_ = is_live ? make_live_report({context_.get_executor(), clock_, STDOUT_FILENO, paint},
                                           subject(), common_.is_verbose)
                        : make_plain_report(around_.out, paint, subject(), common_.is_verbose);
      observer_ = report_.get();
    }
  }

  ReportSubject subject() const {
    ReportSubject subject;
    subject.phase = phase_id();
    const auto journal =
        platform::SqliteJournal::open_read_only(chosen_.layout.database(), phase_id());
    if (journal.has_value()) {
      const Result<engine::TaskDurations> timed = journal.value()->task_durations();
      if (timed.has_value()) subject.durations = timed.value();
    }
    subject.open_stream = [this](const std::string& runtime,
                                 const std::string&) -> std::unique_ptr<agent::AgentStream> {
      const auto found = config_.runtimes.find(runtime);
      return found == config_.runtimes.end() ? nullptr : agent::make_agent_stream(found->second);
    };
    return subject;
  }

  void say_what_is_watched() const {
    around_.out << "watching phase " << phase_id() << ", which pid " << holder_->pid;
    if (!holder_->host.empty()) around_.out << " on " << one_line(holder_->host);
    around_.out << " runs; Ctrl-C ends the watching, not the run\n" << std::flush;
  }

  // Which attempts are under way, and where what they print goes.
  void track(const engine::Event& one) {
    if (const auto* started = std::get_if<event::attempt_started>(&one.body)) {
      note_attempt({started->plan, started->task}, started->role, started->attempt, one.run);
    } else if (const auto* adopted = std::get_if<event::attempt_adopted>(&one.body)) {
      note_attempt({adopted->plan, adopted->task}, adopted->role, adopted->attempt,
                   adopted->started_in);
    } else if (const auto* finished = std::get_if<event::attempt_finished>(&one.body)) {
      attempts_.erase({finished->plan, finished->task});
    } else if (const auto* run_started = std::get_if<event::run_started>(&one.body)) {
      run_ = one.run;
      scope_ = engine::told_scope(*run_started);
    }
  }

  struct RunningAttempt {
    event::attempt_output head;
    std::filesystem::path directory;
    std::unique_ptr<driver::OutputFollower> output;
  };

  void note_attempt(const TaskAddress& task, const std::string& role, int number,
                    const std::string& run) {
    RunningAttempt attempt;
    attempt.head.plan = task.plan;
    attempt.head.task = task.task;
    attempt.head.role = role;
    attempt.head.attempt = number;
    attempt.directory =
        chosen_.layout.run_directory(run) / engine::attempt_name(task, role, number);
    attempts_.insert_or_assign(task, std::move(attempt));
  }

  void follow_attempts() {
    if (observer_ == nullptr || !observer_->wants_output()) return;
    for (auto& [task, attempt] : attempts_)
      if (!attempt.output)
        attempt.output = std::make_unique<driver::OutputFollower>(
            clock_, attempt.head, attempt.directory, redactor_, tell_output_);
  }

  void tell(const engine::Event& one) {
    if (const auto* finished = std::get_if<event::attempt_finished>(&one.body)) {
      const auto found = attempts_.find({finished->plan, finished->task});
      if (found != attempts_.end() && found->second.output) found->second.output->finish();
    }
    track(one);
    if (observer_ != nullptr) observer_->on_event(one);
    const auto* finished = std::get_if<event::run_finished>(&one.body);
    if (finished != nullptr && one.run == run_) result_ = *finished;
  }

  Result<bool> look(bool must_read) {
    KON_TRY(const std::vector<engine::Event> events, follower_->look(must_read));
    for (const engine::Event& one : events)
      tell(one);
    follow_attempts();
    return !events.empty();
  }

  static Task<void> follow(Watch& self) {
    int idle = 0;
    while (!self.result_ && !self.failure_ && self.holder_) {
      const auto next = self.clock_.steady_now() + kPause;
      co_await self.clock_.sleep_until(next);
      self.take_a_look(idle);
    }
  }

  void take_a_look(int& idle) {
    const bool is_time = ++idle >= kLooksUntilSure;
    if (is_time) holder_ = find_holder();
    const Result<bool> found = look(is_time);
    if (found.has_error()) failure_ = found.error();
    if (is_time || (found.has_value() && found.value())) idle = 0;
    for (auto& [task, attempt] : attempts_)
      if (attempt.output) attempt.output->look();
  }

  static Task<void> listen(Watch& self, platform::ShutdownSignals& signals,
                           boost::asio::cancellation_signal& following) {
    while (true) {
      const int signal = co_await signals.next();
      if (signal == SIGCONT) {
        if (self.report_) self.report_->on_resume();
        continue;
      }
      self.signal_ = signal;
      following.emit(boost::asio::cancellation_type::terminal);
    }
  }

  // --- When it is over ---

  int conclude() {
    if (failure_) return refuse(*failure_);
    if (signal_ != 0) {
      if (!common_.is_quiet && !common_.is_json)
        around_.out << "not watching any more; the run goes on\n";
      return 128 + signal_;
    }
    if (!result_)
      return refuse(
          Error{ErrorCode::internal, "the engine of phase " + quote(phase_id()) +
                                         " ended without a word; go on with `konductor execute " +
                                         phase_id() + "`"});
    if (!common_.is_json) print_outcome();
    return result_->exit;
  }

  void print_outcome() {
    ResultDocument document;
    document.phase = phase_id();
    document.run = run_;
    document.scope = scope_;
    document.exit = result_->exit;
    document.outcome = result_->outcome;
    document.state = &follower_->state();
    document.delivery_state = result_->delivery;
    document.delivery.command = result_->command;
    document.is_review_enabled = config_.features.code_review;
    document.message = result_message(document);
    print_result(around_.out, make_output_paint(around_), document,
                 chosen_.layout.run_directory(run_), common_.is_quiet);
  }

  int refuse(const Error& error) { return fail(around_, common_, "watch", error); }

  const WatchOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;

  boost::asio::io_context context_{1};
  platform::SystemClock clock_{context_.get_executor()};
  platform::PosixFileStore files_;
  ChosenPhase chosen_;
  config::Config config_;
  Redactor redactor_;
  std::unique_ptr<JournalFollower> follower_;
  std::optional<LockHolder> holder_;
  std::unique_ptr<EventStream> stream_;
  std::unique_ptr<RunReport> report_;
  ports::RunObserver* observer_ = nullptr;  // One of the two; null: only the outcome is wanted.
  driver::TellOutput tell_output_ = [this](const event::attempt_output& output) {
    if (observer_ != nullptr) observer_->on_output(clock_.wall_milliseconds(), run_, output);
  };
  std::map<TaskAddress, RunningAttempt> attempts_;
  std::string run_;
  engine::RunScope scope_;
  std::optional<event::run_finished> result_;
  std::optional<Error> failure_;
  int signal_ = 0;
};

}  // namespace

int run_watch_command(const WatchOptions& options, const CommonOptions& common,
                      Surroundings& around) {
  return Watch(options, common, around).run();
}

}  // namespace konductor::cli
