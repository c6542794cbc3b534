// SPDX-License-Identifier: MIT
#include "driver/run_driver.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/confinement.hpp"
#include "agent/suggested_answers.hpp"
#include "base/overloaded.hpp"
#include "driver/redaction.hpp"
#include "driver/review_models.hpp"

namespace konductor::driver {

using boost::asio::experimental::awaitable_operators::operator||;

namespace {

std::optional<TaskAddress> address_of(const engine::Command& command) {
  return std::visit(Overloaded{
                        [](const engine::command::start_attempt& c) { return c.address; },
                        [](const engine::command::check_gates& c) { return c.address; },
                        [](const engine::command::file_task& c) { return c.address; },
                        [](const engine::command::cancel_attempt& c) { return c.address; },
                        [](const engine::command::ask_person& c) { return c.address; },
                        [](const auto& c) {
                          return TaskAddress{c.plan, 0};
                        },
                    },
                    command);
}

// What runs is not ended by an engine that lost its phase: there is nothing to wait for.
StopLevel stop_level(const Error& error) {
  return error.code == ErrorCode::fenced ? StopLevel::immediate : StopLevel::polite;
}

std::vector<std::string> requests_in(const std::vector<engine::EventBody>& events) {
  std::vector<std::string> ids;
  for (const engine::EventBody& body : events)
    if (const auto* taken = std::get_if<engine::event::request_taken>(&body); taken != nullptr)
      ids.push_back(taken->request);
  return ids;
}

}  // namespace

RunDriver::RunDriver(boost::asio::io_context& context, RunShared& shared,
                     std::vector<ports::RunObserver*> observers)
    : shared_(shared),
      observers_(std::move(observers)),
      attempts_(shared),
      gates_(shared),
      markers_(shared),
      plans_(shared),
      requests_(
          shared,
          [this](engine::Request request) {
            Report report;
            report.outcome = engine::Requested{std::move(request)};
            post(std::move(report));
          },
          [this](std::string text) { shared_.tell_note(kPhaseAddress, std::move(text)); }),
      executor_(context.get_executor()),
      performers_(context.get_executor()),
      helpers_(context.get_executor()),
      inbox_filled_(context) {
  inbox_filled_.expires_at(boost::asio::steady_timer::time_point::max());
  shared_.tell_note = [this](const TaskAddress& address, std::string text) {
    Report report;
    report.outcome = engine::Noticed{address, std::move(text)};
    post(std::move(report));
  };
  const bool is_wanted = std::any_of(observers_.begin(), observers_.end(),
                                     [](const auto* one) { return one->wants_output(); });
  if (!is_wanted) return;
  shared_.tell_output = [this](const engine::event::attempt_output& output) {
    const std::int64_t now = shared_.ports.clock.wall_milliseconds();
    for (ports::RunObserver* observer : observers_)
      if (observer->wants_output()) observer->on_output(now, shared_.facts.run, output);
  };
}

void RunDriver::post(Report report) {
  inbox_.push_back(std::move(report));
  inbox_filled_.cancel();
}

void RunDriver::request_stop(int signal) {
  if (shared_.stop.level() != StopLevel::none) {
    shared_.stop.request(StopLevel::immediate);
    return;
  }
  shared_.stop.request(StopLevel::polite);
  Report report;
  report.outcome = engine::StopRequested{signal};
  post(std::move(report));
}

void RunDriver::look_for_fence() {
  if (is_running_) performers_.spawn(look_at_fence());
}

// Nothing is appended, which only the engine that holds the phase may do.
Task<void> RunDriver::look_at_fence() {
  ports::Journal& journal = shared_.ports.journal;
  auto job = [&journal] { return journal.append({}, {}); };
  Result<void> held = co_await offload(shared_.ports.journal_pool, std::move(job));
  if (held.has_value()) co_return;
  Report report;
  report.outcome = engine::EngineFailed{std::move(held).error(), std::nullopt};
  post(std::move(report));
}

Task<void> RunDriver::wait_for_report() {
  while (inbox_.empty()) {
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    inbox_filled_.expires_at(boost::asio::steady_timer::time_point::max());
    co_await inbox_filled_.async_wait(token);
  }
}

Task<Result<void>> RunDriver::run() {
  is_running_ = true;
  helpers_.spawn(requests_.run());
  const double seconds = shared_.machine.rules().seconds_max;
  if (seconds > 0) helpers_.spawn(watch_time(seconds));
  const Result<void> recorded = co_await work_off();
  if (recorded.has_error()) shared_.stop.request(stop_level(recorded.error()));
  is_running_ = false;
  helpers_.cancel(boost::asio::cancellation_type::terminal);
  co_await helpers_.wait_until_empty();
  co_await performers_.wait_until_empty();
  if (recorded.has_value()) co_await requests_.close();
  co_return recorded;
}

Task<void> RunDriver::watch_time(double seconds) {
  const auto limit =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
  co_await shared_.ports.clock.sleep_until(shared_.ports.clock.steady_now() + limit);
  shared_.is_time_up = true;
  Report report;
  report.outcome = engine::TimeIsUp{seconds};
  post(std::move(report));
}

// What people asked for from outside, once it is durable.
void RunDriver::heed(const engine::RunMachine& machine) {
  // A person asked from outside.
  if (machine.stop_signal()) shared_.stop.request(StopLevel::polite);
  if (machine.is_stopping_at_once()) shared_.stop.request(StopLevel::immediate);
  if (!machine.state().is_paused() && !shared_.is_time_up) return;
  for (const TaskAddress& address : *shared_.attempts_waiting)
    shared_.attempt_stops.at(address)->request(StopLevel::polite);
}

Task<Result<void>> RunDriver::work_off() {
  engine::Step step = shared_.machine.start();
  std::vector<ports::Document> documents;
  Result<void> recorded;
  while (true) {
    if (!step.events.empty()) {
      const std::vector<std::string> taken = requests_in(step.events);
      recorded = co_await commit(std::move(step.events), std::move(documents));
      if (recorded.has_error()) break;
      // A crash before their files are gone is no harm: the journal knows them.
      for (const std::string& request : taken)
        performers_.spawn(requests_.remove(request));
    }
    heed(shared_.machine);
    for (engine::Command& command : step.commands)
      perform(std::move(command));
    if (shared_.machine.is_finished() && inbox_.empty()) break;
    co_await wait_for_report();
    // What came together is made durable together.
    step = engine::Step{};
    documents.clear();
    while (!inbox_.empty()) {
      Report report = std::move(inbox_.front());
      inbox_.pop_front();
      redact(shared_.facts.redactor, report.outcome);
      engine::Step more = shared_.machine.handle(report.outcome);
      for (engine::EventBody& body : more.events)
        step.events.push_back(std::move(body));
      for (engine::Command& command : more.commands)
        step.commands.push_back(std::move(command));
      for (ports::Document& document : report.documents)
        documents.push_back(std::move(document));
    }
    // The engine cannot go on: what runs is ended, its outcomes are still recorded.
    if (shared_.machine.failure() && shared_.stop.level() == StopLevel::none)
      shared_.stop.request(stop_level(*shared_.machine.failure()));
  }
  co_return recorded;
}

void RunDriver::fill_in(engine::EventBody& body) const {
  auto* started = std::get_if<engine::event::attempt_started>(&body);
  if (started == nullptr) return;
  started->sandbox = agent::sandbox_name(shared_.facts.sandbox);
  started->containment = agent::containment_name(shared_.facts.containment);
  started->ceilings = agent::ceiling_names(shared_.facts.containment.ceilings);
  const RoleName role = parse_role_name(started->role).value_or(RoleName::executor);
  const TaskAddress address{started->plan, started->task};
  started->lease = agent::lease_name(shared_.facts.config.execution.lease, shared_.facts.sandbox,
                                     role == RoleName::executor && !address.is_phase());
  if (shared_.facts.roles.count(role) == 0) return;
  const std::vector<const RoleRuntime*> runtimes =
      runtimes_for(shared_, role, {started->plan, started->task});
  if (runtimes.empty()) return;
  started->runtime = runtimes.at(shared_.quota.likely(accounts_of(runtimes)))->name;
}

Task<Result<void>> RunDriver::record(std::vector<engine::EventBody> bodies) {
  std::vector<ports::Document> no_documents;
  Result<void> done = co_await commit(std::move(bodies), std::move(no_documents));
  co_return done;
}

Task<Result<void>> RunDriver::commit(std::vector<engine::EventBody> bodies,
                                     std::vector<ports::Document> documents) {
  std::vector<engine::Event> events;
  events.reserve(bodies.size());
  const std::int64_t now = shared_.ports.clock.wall_milliseconds();
  for (engine::EventBody& body : bodies) {
    fill_in(body);
    redact(shared_.facts.redactor, body);
    events.push_back({now, shared_.facts.run, std::move(body)});
  }
  ports::Journal& journal = shared_.ports.journal;
  auto job = [&journal, &events, &documents] { return journal.append(events, documents); };
  const Result<void> appended = co_await offload(shared_.ports.journal_pool, std::move(job));
  KON_CO_TRY_VOID(appended);
  for (const engine::Event& event : events)
    for (ports::RunObserver* observer : observers_)
      observer->on_event(event);
  co_return Result<void>();
}

void RunDriver::perform(engine::Command command) {
  if (const auto* cancel = std::get_if<engine::command::cancel_attempt>(&command)) {
    const auto stop = shared_.attempt_stops.find(cancel->address);
    if (stop != shared_.attempt_stops.end()) stop->second->request(StopLevel::polite);
    return;
  }
  if (const auto* start = std::get_if<engine::command::start_attempt>(&command))
    shared_.attempt_stops[start->address] = std::make_unique<StopSignal>(executor_);
  performers_.spawn(perform_one(std::move(command)));
}

Task<void> RunDriver::perform_one(engine::Command command) {
  const std::optional<TaskAddress> address = address_of(command);
  Result<Report> report = Error{ErrorCode::internal, ""};
  // Whatever happens there is one report: the machine waits for it.
  try {
    report = co_await dispatch(std::move(command));
  } catch (const std::exception& error) {
    report = Error{ErrorCode::internal, std::string("unexpected: ") + error.what()};
  }
  if (report.has_value()) {
    post(std::move(report).value());
    co_return;
  }
  Report failed;
  failed.outcome = engine::EngineFailed{std::move(report).error(), address};
  post(std::move(failed));
}

// A stop takes the question back.
Task<Result<Report>> RunDriver::ask(engine::command::ask_person command) {
  ports::Question question;
  question.address = command.address;
  question.title = shared_.state().title_of(command.address);
  question.is_blocker = command.action == engine::Action::assess_blocker;
  question.text = command.question;
  question.suggestions = agent::suggested_answers(command.question);
  engine::PersonAnswered answered;
  answered.address = command.address;
  if (shared_.ports.person != nullptr && shared_.stop.level() == StopLevel::none) {
    auto first = co_await (shared_.ports.person->ask(std::move(question)) ||
                           shared_.stop.reached(StopLevel::polite));
    if (first.index() == 0) answered.text = std::get<0>(std::move(first));
  }
  Report report;
  report.outcome = std::move(answered);
  co_return report;
}

Task<Result<Report>> RunDriver::dispatch(engine::Command command) {
  if (const auto* attempt = std::get_if<engine::command::start_attempt>(&command))
    co_return co_await attempts_.run(*attempt);
  if (const auto* gates = std::get_if<engine::command::check_gates>(&command))
    co_return co_await gates_.check(gates->address);
  if (const auto* task = std::get_if<engine::command::file_task>(&command))
    co_return co_await markers_.file_task(task->address);
  if (const auto* plan = std::get_if<engine::command::file_plan>(&command))
    co_return co_await markers_.file_plan(plan->plan);
  if (const auto* complete = std::get_if<engine::command::complete_plan>(&command))
    co_return co_await plans_.complete(*complete);
  if (const auto* drop = std::get_if<engine::command::drop_merge_fix>(&command))
    co_return co_await plans_.drop_merge_fix(drop->plan);
  if (const auto* question = std::get_if<engine::command::ask_person>(&command))
    co_return co_await ask(*question);
  const auto& open = std::get<engine::command::open_workspace>(command);
  co_return co_await plans_.open(open.plan);
}

}  // namespace konductor::driver
