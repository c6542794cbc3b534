// SPDX-License-Identifier: MIT
#include "simulation/world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <csignal>

#include "driver/request_file.hpp"
#include "plan/plan_loader.hpp"
#include "simulation/world_engine.hpp"

namespace konductor::test {
namespace {

constexpr int kStepsMax = 20'000;
constexpr int kHonestLivesMax = 6;

}  // namespace

World::World(std::uint64_t seed)
    : dice_(seed),
      trees_(directory_.path() / "workspaces"),
      machine_(disk_, dice_),
      workspaces_({}, "worktree", trees_),
      auditor_(plans_),
      agents_(dice_, workspaces_, auditor_) {
  make_config();
  make_plans();
  make_roles();
  auditor_.allow(limits());
  workspaces_.before_each_call([this](const std::string& operation, const std::string& what) {
    return before_workspace_call(operation, what);
  });
}

World::~World() = default;

void World::complain(const std::string& text) {
  if (complaint_.empty()) complaint_ = text;
}

std::string World::run() {
  live_wildly();
  if (complaint_.empty()) end_honestly();
  if (complaint_.empty() && !is_merge_left_) check_end();
  return complaint_;
}

void World::live_wildly() {
  const std::size_t lives = 1 + dice_.pick(4);
  for (std::size_t n = 0; n < lives && complaint_.empty(); ++n) {
    // Named, because compilers differ in the order in which they evaluate arguments.
    const Fate::Plan plan = troubles(true);
    const bool may_be_signalled = dice_.chance(30);
    live(Agents::wild, plan, may_be_signalled);
  }
}

// With agents that do as they are told, what is left gets done.
void World::end_honestly() {
  Life life;
  for (int n = 0; n < kHonestLivesMax && complaint_.empty() && life.exit != 0; ++n) {
    Fate::Plan plan;
    if (n == 0 && dice_.chance(30)) plan = troubles(false);
    const bool is_watched = frozen_ != nullptr;
    life = live(Agents::honest, plan, false);
    // What it was about to do when it was stopped it has done: the next run puts that right.
    if (is_watched && complaint_.empty() && life.exit == 0) life = live(Agents::honest, {}, false);
  }
  if (life.exit == 1 && is_left_to_person()) return;
  if (life.exit != 0)
    complain("with honest agents the phase still ends with exit " + std::to_string(life.exit));
}

// A second conflict of one merge is never fixed by agents.
bool World::is_left_to_person() {
  const std::vector<engine::Event> all = log_->events();
  for (auto event = all.rbegin(); event != all.rend(); ++event) {
    if (std::holds_alternative<engine::event::run_started>(event->body)) break;
    const auto* left = std::get_if<engine::event::plan_needs_manual>(&event->body);
    if (left != nullptr && left->reason.find("merge it by hand") != std::string::npos)
      return is_merge_left_ = true;
  }
  return false;
}

Fate::Plan World::troubles(bool may_fail) {
  Fate::Plan plan;
  constexpr std::size_t kEffectsOfLife = 400;
  if (dice_.chance(65)) {
    plan.ends_at_rest = dice_.chance(40);
    if (!plan.ends_at_rest) plan.end_at = 1 + dice_.pick(dice_.chance(30) ? 30 : kEffectsOfLife);
    plan.is_last_undone = dice_.chance(50);
    if (may_fail && dice_.chance(12)) plan.ending = Fate::Ending::frozen;
  }
  if (may_fail && dice_.chance(20)) {
    plan.fault_at = 1 + dice_.pick(kEffectsOfLife);
    plan.fault = dice_.chance(50) ? Error{ErrorCode::environment, "No space left on device"}
                                  : Error{ErrorCode::io, "Input/output error"};
    plan.is_fault_thrown = dice_.chance(20);
  }
  return plan;
}

driver::ExecuteRequest World::make_request(Agents agents) {
  driver::PhasePlans phase;
  phase.location = facts_.phase;
  const Result<std::vector<std::string>> names = disk_.list(facts_.phase.plans());
  for (const std::string& name : names.value())
    if (!plan::is_plan_file_name(name)) phase.other_files.push_back(name);
  driver::ExecuteRequest request;
  request.markers = driver::read_markers(disk_, phase);
  request.version = "0";
  request.host = "simulation";
  request.retry.phase = facts_.phase.id;
  request.retry.all_blocked = agents == Agents::honest || dice_.chance(20);
  if (agents == Agents::honest) {
    // What a person wanted is taken back, so that all gets done.
    engine::RunState state(driver::define_plans(plans_));
    for (const engine::Event& event : log_->events())
      if (state.apply(event).has_error()) complain("the journal does not read");
    for (const auto& [number, plan] : state.plans()) {
      for (const engine::TaskRecord* task : state.tasks_of(number))
        if (std::holds_alternative<engine::state::needs_manual>(task->state) ||
            std::holds_alternative<engine::state::skipped>(task->state) ||
            state.wanted_skips().count(task->address) != 0)
          request.retry.tasks.insert(task->address);
      if (!plan.skip_reason.empty()) request.retry.tasks.insert({number, 0});
      const engine::TaskRecord* fix = state.merge_fix(number);
      if (fix != nullptr && std::holds_alternative<engine::state::needs_manual>(fix->state))
        request.retry.tasks.insert(fix->address);
    }
  }
  auditor_.expect_retries(request.retry.tasks, request.retry.all_blocked);
  return request;
}

std::unique_ptr<World::Engine> World::make_engine(Agents agents, Fate::Plan plan) {
  facts_.run = "run-" + std::to_string(++lives_);
  if (frozen_ != nullptr && frozen_->fence.is_in_act()) frozen_->fate.kill();
  holder_ = lives_;
  const bool is_limited = has_wild_budget_ && agents == Agents::wild;
  facts_.config.budget.phase_tokens = is_limited ? 2000 : 0;
  facts_.config.budget.task_tokens = is_limited ? 700 : 0;
  auto engine = std::make_unique<Engine>(*this, agents, std::move(plan));
  transactions_before_ = log_->transactions.size();
  engine->request = make_request(agents);
  mislead(*engine);
  Engine* const made = engine.get();
  boost::asio::co_spawn(
      made->io,
      driver::execute(
          made->io, made->ports, made->facts, made->request, {}, made->stop,
          [made](std::function<void(int)> handler) { made->on_signal = std::move(handler); },
          [](const std::string&) {}),
      [made](std::exception_ptr error, Result<driver::ExecuteResult> ended) {
        made->thrown = error;
        if (!error) made->result = std::move(ended);
        made->is_over = true;
      });
  return engine;
}

// Seeded bugs: the engine goes by what is not so.
void World::mislead(Engine& engine) {
  config::Config& config = engine.facts.config;
  if (has_bug(SeededBug::parallel_limit_off_by_one)) ++config.execution.max_wave_parallelism;
  if (has_bug(SeededBug::retry_limit_off_by_one)) ++config.execution.max_crash_retries;
  if (has_bug(SeededBug::lost_retry_counter)) config.execution.max_crash_retries = 1'000'000;
  if (has_bug(SeededBug::wave_ignored)) config.execution.schedule = config::Schedule::dependencies;
  if (has_bug(SeededBug::gate_skipped)) config.gates.changed = false;
  if (has_bug(SeededBug::dependency_ignored))
    for (auto& [number, plan] : engine.facts.plans)
      plan.depends_on.clear();
  auto& markers = engine.request.markers.tasks;
  if (has_bug(SeededBug::completed_task_again) && markers.size() > 1)
    markers.erase(markers.begin());
}

Life World::live(Agents agents, Fate::Plan plan, bool may_be_signalled) {
  std::unique_ptr<Engine> engine = make_engine(agents, std::move(plan));
  machine_.gain_engine();
  Life life;
  run_engine(*engine, may_be_signalled, life);
  if (engine->journal.acknowledged() != log_->transactions.size() - transactions_before_)
    complain("the journal does not hold all that it was told to");
  if (engine->fate.is_frozen() && !engine->fate.is_dead() && frozen_ == nullptr) {
    frozen_ = std::move(engine);
    return life;
  }
  if (engine->is_over && !engine->fate.is_dead()) {
    life = conclude(*engine, life);
    check_life(*engine, life);
  } else {
    engine->fate.kill();
    engine.reset();
    be_without_engine();
  }
  if (frozen_ != nullptr) thaw();
  machine_.bury();
  return life;
}

void World::run_engine(Engine& engine, bool may_be_signalled, Life& life) {
  current_ = &engine;
  for (int steps = 0; !engine.is_over && engine.fate.is_running(); ++steps) {
    if (!complaint_.empty()) break;
    if (steps > kStepsMax) complain("the run does not end");
    step(engine, may_be_signalled, life);
    if (!auditor_.complaint().empty()) complain(auditor_.complaint());
    if (machine_.has_hurt_strangers()) complain("a stranger's process was ended");
  }
  current_ = nullptr;
}

void World::step(Engine& engine, bool may_be_signalled, Life& life) {
  const auto keep_time = [&] { machine_.now = engine.clock.since_start().count(); };
  engine.clock.run_ready();
  keep_time();
  if (engine.is_over || !engine.fate.is_running()) return;
  if (engine.fate.ends_at_rest() && !is_thawing_ && machine_.alive() != 0 && dice_.chance(5)) {
    engine.fate.end_now();
    return;
  }
  if (may_be_signalled && engine.on_signal && dice_.chance(1)) {
    if (life.signal_sent == 0) life.signal_sent = SIGTERM;
    engine.on_signal(SIGTERM);
    return;
  }
  if (has_visitors_ && engine.agents == Agents::wild && dice_.chance(3)) ask_something(engine);
  if (dice_.pick(1000) == 0)
    engine.clock.set_wall(std::chrono::seconds(static_cast<int>(dice_.pick(240)) - 120));
  // Most of the time some agent is done; else time passes, until a limit ends somebody.
  if (machine_.alive() != 0 && dice_.chance(90)) {
    finish_one();
  } else if (auditor_.is_paused() && machine_.running().empty() && !is_thawing_) {
    ask(engine, {"", engine::RequestAction::resume, {}, "", false, 0});
  } else if (!engine.clock.advance_to_next() && !engine.is_over && engine.fate.is_running()) {
    if (machine_.running().empty()) complain("the run waits for nothing");
    finish_one();
  }
  keep_time();
}

void World::finish_one() {
  const std::vector<Machine::ProcessPtr> running = machine_.running();
  if (running.empty()) return;
  SimulatedProcess& process = *running[dice_.pick(running.size())];
  // Who hangs is ended by a limit.
  if (!process.is_hanging) machine_.finish(process);
}

TaskAddress World::somebody() {
  auto plan = plans_.begin();
  std::advance(plan, static_cast<std::ptrdiff_t>(dice_.pick(plans_.size())));
  // Also of tasks that there are not, or only after a split.
  return {plan->first, static_cast<int>(dice_.pick(plan->second.tasks.size() + 2))};
}

// Whatever people think of, at whatever moment.
void World::ask_something(Engine& engine) {
  engine::Request request;
  request.action = engine::kAllRequestActions[dice_.pick(engine::kAllRequestActions.size())];
  if (request.action == engine::RequestAction::stop) {
    if (!dice_.chance(10)) return;
    was_asked_to_stop_ = true;
    request.is_immediate = dice_.chance(30);
  }
  if (engine::has_address(request.action)) request.address = somebody();
  request.text = "said by a visitor, number " + std::to_string(requests_ + 1) + ".";
  ask(engine, std::move(request));
}

void World::ask(Engine& engine, engine::Request request) {
  const std::filesystem::path& folder = engine.arrivals.folder();
  if (folder.empty() || !disk_.exists(folder)) return;
  request.id = "request-" + std::to_string(++requests_);
  request.until = engine.clock.wall_milliseconds() + 3'600'000;
  std::string text = driver::request_file_text(request);
  const bool is_wanted = request.action == engine::RequestAction::resume;
  if (!is_wanted && dice_.chance(10)) text.resize(dice_.pick(text.size()));
  const auto written = disk_.write(folder / driver::request_file_name(request.id), text);
  if (written.has_error()) complain(written.error().message);
  engine.arrivals.ring();
}

// Attempts go on, end, or meet their limits; strangers get the numbers of those that ended.
void World::be_without_engine() {
  if (dice_.chance(25)) {
    machine_.lose_power();
    workspaces_.lose_power([this] { return dice_.chance(50); });
    return;
  }
  machine_.lose_engine();
  for (const Machine::ProcessPtr& process : machine_.running())
    if (!process->is_hanging && dice_.chance(40)) machine_.finish(*process);
  if (dice_.chance(60)) machine_.pass_time_alone(static_cast<std::int64_t>(dice_.pick(9'000'000)));
  machine_.end_strangers();
  const std::vector<Machine::ProcessPtr> all = machine_.processes();
  for (const Machine::ProcessPtr& process : all)
    if (!process->is_alive() && !process->is_foreign && dice_.chance(30))
      machine_.reuse_pid(*process);
}

// Somebody wakes the engine that lost the phase while it was stopped. It may look around, learns
// that it has lost, and must not change anything, nor leave a process.
void World::thaw() {
  const std::unique_ptr<Engine> engine = std::move(frozen_);
  if (engine->fate.is_dead()) return;
  is_thawing_ = true;
  const std::string head = workspaces_.user_head();
  const auto& all = machine_.processes();
  const std::set<Machine::ProcessPtr> before(all.begin(), all.end());
  engine->fate.thaw();
  current_ = engine.get();
  const auto behind = std::chrono::milliseconds(machine_.now) - engine->clock.since_start();
  if (behind.count() > 0) engine->clock.advance(behind);
  Life life;
  run_engine(*engine, false, life);
  if (engine->is_over) {
    life = conclude(*engine, life);
    if (workspaces_.user_head() != head)
      complain("an engine that had lost the phase moved the user's branch");
    const std::string mark = "/" + engine->facts.run + "/";
    for (const Machine::ProcessPtr& process : machine_.processes())
      if ((process->is_alive() || process->has_strays) &&
          process->call.spec.token.find(mark) != std::string::npos && before.count(process) == 0)
        complain("an engine that had lost the phase left processes");
  } else if (complaint_.empty()) {
    complain("an engine that had lost the phase does not end");
  }
  is_thawing_ = false;
}

Life World::conclude(Engine& engine, Life life) {
  if (engine.thrown) std::rethrow_exception(engine.thrown);
  life.is_over = true;
  life.has_failed = engine.fate.has_failed();
  if (engine.result->has_value())
    life.exit = engine.result->value().exit;
  else
    life.exit = 6;
  if (was_asked_to_stop_ && life.exit == 128 + SIGINT) life.signal_sent = SIGINT;
  return life;
}

}  // namespace konductor::test
