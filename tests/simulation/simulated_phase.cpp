// SPDX-License-Identifier: MIT
#include "simulation/simulated_phase.hpp"

#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "driver/role_resolution.hpp"
#include "plan/plan_check.hpp"

namespace konductor::test {

namespace {

// Looks at everything, every time.
class BlindWatcher final : public ports::ChangeWatcher {
 public:
  std::unique_ptr<ports::ChangeWatch> watch(const std::vector<std::filesystem::path>&) override {
    return std::make_unique<Watch>();
  }

 private:
  struct Watch final : ports::ChangeWatch {
    std::optional<std::vector<std::filesystem::path>> take_changes() override {
      return std::nullopt;
    }
  };
};

int number_in(const FakeCall& call, std::string_view name) {
  const std::string text = call.variable(name);
  return text.empty() ? 0 : std::stoi(text);
}

std::string task_text(int plan, int task) {
  const std::string file = "p" + std::to_string(plan) + "t" + std::to_string(task) + ".txt";
  return "### Task " + std::to_string(task) + ": Write " + file + "\n\n- **files:** `" + file +
         "`\n- **action:** Write it.\n- **verify:** It is there.\n- **done:** It is there.\n\n";
}

template <class Value>
Value checked(Result<Value> result) {
  if (result.has_error()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

}  // namespace

// What dies with an engine.
struct SimulatedPhase::Engine {
  Engine(SimulatedPhase& phase, Agents the_agents)
      : agents(the_agents),
        launcher(io, [this, &phase](const FakeCall& call) { return phase.behave(*this, call); }),
        journal(phase.log_),
        ports{clock,   launcher, phase.files_,      phase.workspaces_,
              journal, watcher,  io.get_executor(), io.get_executor()} {
    clock.run_while([this] { return !is_dead; });
  }

  Agents agents;
  boost::asio::io_context io{1};
  FakeClock clock{io};
  FakeProcessLauncher launcher;
  MemoryJournal journal;
  BlindWatcher watcher;
  driver::RunPorts ports;
  driver::StopSignal stop{io.get_executor()};
  std::function<void(int)> on_signal;
  std::optional<Result<driver::ExecuteResult>> result;
  std::exception_ptr thrown;
  bool is_dead = false;
  bool is_over = false;
};

SimulatedPhase::SimulatedPhase(std::uint64_t seed)
    : has_wild_budget_(seed % 4 == 0),
      random_(seed),
      workspaces_({}, "worktree", directory_.path() / "workspaces") {
  facts_.layout.root = directory_.path();
  facts_.phase = {"01", "01", facts_.layout.phases() / "01"};
  facts_.environment = {"PATH=/usr/bin:/bin"};
  config::Config& config = facts_.config;
  config.general.default_runtime = "scripted";
  speaks_claude_ = chance(50);
  config.runtimes["scripted"].kind =
      speaks_claude_ ? config::RuntimeKind::claude : config::RuntimeKind::command;
  config.runtimes["scripted"].command = {"/bin/true"};
  config.execution.max_wave_parallelism = 1 + static_cast<int>(pick(4));
  config.execution.max_crash_retries = static_cast<int>(pick(3));
  config.execution.schedule = chance(30) ? config::Schedule::dependencies : config::Schedule::waves;
  config.features.code_review = !chance(20);
  // The trees are in memory: these two look at the disk.
  config.gates.declared_files = false;
  config.gates.verify = false;
  write_plans();
  const auto phase = checked(driver::load_phase_plans(files_, facts_.phase));
  if (plan::has_errors(phase.check())) throw std::runtime_error("the simulated plans are wrong");
  facts_.plans = phase.plans();
  facts_.roles = checked(driver::resolve_roles(files_, facts_.layout, config, facts_.phase.id,
                                               facts_.environment, {"/bin/true", "/bin/true", ""}));
}

std::size_t SimulatedPhase::pick(std::size_t limit) {
  return static_cast<std::size_t>(random_() % limit);
}

std::string SimulatedPhase::read(const std::filesystem::path& path) const {
  const Result<std::string> text = files_.read(path);
  return text.has_value() ? text.value() : std::string();
}

void SimulatedPhase::complain(const std::string& text) {
  if (complaint_.empty()) complaint_ = text;
}

void SimulatedPhase::write_plans() {
  const int waves = 1 + static_cast<int>(pick(3));
  int number = 0;
  std::vector<int> before;
  for (int wave = 1; wave <= waves; ++wave) {
    std::vector<int> now;
    const std::size_t width = 1 + pick(3);
    for (std::size_t n = 0; n < width; ++n) {
      now.push_back(++number);
      std::string text = "+++\nphase = \"01\"\nplan = " + std::to_string(number) +
                         "\nwave = " + std::to_string(wave) + "\ntitle = \"Plan\"\ndepends_on = [";
      if (!before.empty()) text += std::to_string(before[pick(before.size())]);
      text += "]\n+++\n\n## Tasks\n\n";
      const int tasks = 1 + static_cast<int>(pick(3));
      for (int task = 1; task <= tasks; ++task)
        text += task_text(number, task);
      const auto written = files_.write(facts_.phase.plans() / (plan_text(number) + ".md"), text);
      if (written.has_error()) throw std::runtime_error(written.error().message);
    }
    before = now;
  }
}

driver::ExecuteRequest SimulatedPhase::make_request(Agents agents) const {
  driver::ExecuteRequest request;
  request.markers =
      driver::read_markers(files_, checked(driver::load_phase_plans(files_, facts_.phase)));
  request.version = "0";
  request.host = "simulation";
  request.retry.phase = facts_.phase.id;
  if (agents == Agents::wild) return request;
  request.retry.all_blocked = true;
  MemoryJournal journal(log_);
  const engine::RunState state = checked(driver::replay_state(journal, facts_.plans));
  for (const auto& [number, plan] : state.plans())
    for (const engine::TaskRecord* task : state.tasks_of(number))
      if (std::holds_alternative<engine::state::needs_manual>(task->state))
        request.retry.tasks.insert(task->address);
  return request;
}

Life SimulatedPhase::live(Agents agents, std::optional<std::size_t> kill_at,
                          bool may_be_signalled) {
  facts_.run = "run-" + std::to_string(++lives_);
  const bool is_limited = has_wild_budget_ && agents == Agents::wild;
  facts_.config.budget.phase_tokens = is_limited ? 2000 : 0;
  facts_.config.budget.task_tokens = is_limited ? 700 : 0;
  const driver::ExecuteRequest request = make_request(agents);
  Engine engine(*this, agents);
  std::size_t appends = 0;
  engine.journal.after_append(
      [&](std::size_t) { engine.is_dead = kill_at.has_value() && ++appends >= *kill_at; });
  boost::asio::co_spawn(
      engine.io,
      driver::execute(
          engine.io, engine.ports, facts_, request, {}, engine.stop,
          [&engine](std::function<void(int)> handler) { engine.on_signal = std::move(handler); },
          [](const std::string&) {}),
      [&engine](std::exception_ptr error, Result<driver::ExecuteResult> ended) {
        engine.thrown = error;
        if (!error) engine.result = std::move(ended);
        engine.is_over = true;
      });
  Life life;
  for (int steps = 0; !engine.is_over && !engine.is_dead && complaint_.empty(); ++steps) {
    if (steps > 20'000) complain("the run does not end");
    step(engine, may_be_signalled, life);
  }
  if (engine.is_dead) {
    die(engine);
    life.is_killed = true;
    return life;
  }
  if (engine.thrown) std::rethrow_exception(engine.thrown);
  if (!engine.result) return life;
  const driver::ExecuteResult ended = checked(std::move(*engine.result));
  if (ended.error) complain("the run failed: " + ended.error->message);
  if (engine.launcher.alive() != 0) complain("an attempt's processes outlived the run");
  life.exit = ended.exit;
  return life;
}

void SimulatedPhase::step(Engine& engine, bool may_be_signalled, Life& life) {
  engine.clock.run_ready();
  if (engine.is_over || engine.is_dead) return;
  if (may_be_signalled && engine.on_signal && chance(1)) {
    life.signal_sent = SIGTERM;
    engine.on_signal(SIGTERM);
    return;
  }
  // Most of the time some agent is done; else time passes, until a limit ends somebody.
  if (!engine.launcher.running().empty() && chance(90)) {
    finish_one(engine);
  } else if (!engine.clock.advance_to_next() && !engine.is_over && !engine.is_dead) {
    if (engine.launcher.running().empty()) complain("the run waits for nothing");
    finish_one(engine);
  }
}

void SimulatedPhase::finish_one(Engine& engine) {
  const std::vector<std::string> running = engine.launcher.running();
  if (running.empty()) return;
  const std::string& title = running[pick(running.size())];
  // Who hangs is ended by a limit.
  if (hanging_.count(title) == 0) engine.launcher.finish(title);
}

// Agents outlive the engine a little: some still finish what they were at.
void SimulatedPhase::die(Engine& engine) {
  for (const std::string& title : engine.launcher.running())
    if (hanging_.count(title) == 0 && chance(50)) engine.launcher.finish(title);
}

FakeBehaviour SimulatedPhase::behave(const Engine& engine, const FakeCall& call) {
  const auto limit = static_cast<std::size_t>(facts_.config.execution.max_wave_parallelism);
  if (engine.launcher.running().size() >= limit) complain("more attempts than allowed at once");
  FakeBehaviour behaviour;
  behaviour.ending = FakeBehaviour::Ending::when_told;
  hanging_.erase(call.title());
  const Agents agents = engine.agents;
  behaviour.work = [this, agents](const FakeCall& finished) { work(agents, finished); };
  if (agents == Agents::honest) return behaviour;
  if (speaks_claude_ && chance(8)) {
    behaviour.exit = {1, 0};
    behaviour.work = [this](const FakeCall& refused) { refuse(refused); };
    return behaviour;
  }
  if (chance(8)) behaviour.exit = {1, 0};
  if (chance(4)) behaviour.exit = {-1, SIGSEGV};
  if (chance(4)) hanging_.insert(call.title());
  if (chance(20)) behaviour.ignores_term = true;
  if (chance(10)) behaviour.strays = 2;
  return behaviour;
}

void SimulatedPhase::work(Agents agents, const FakeCall& call) {
  const std::string role = call.variable("KONDUCTOR_ROLE");
  const int plan = number_in(call, "KONDUCTOR_PLAN");
  const bool is_wild = agents == Agents::wild;
  std::string document;
  if (role == "executor") {
    const std::string file = "p" + std::to_string(plan) + "t" +
                             std::to_string(number_in(call, "KONDUCTOR_TASK")) + ".txt";
    if (!is_wild || !chance(5))
      workspaces_.write(plan, file, "by attempt " + call.variable("KONDUCTOR_ATTEMPT"));
    if (is_wild && chance(4)) workspaces_.touch_guarded(plan, "branch \"main\" was moved");
    if (is_wild && chance(4)) workspaces_.move_head(plan);
    document = summary(agents);
  } else if (role == "researcher") {
    document = "## Context\n\nIt is port 80.\n";
  } else if (role == "assessor") {
    const std::size_t fate = is_wild ? pick(3) : 0;
    document = fate == 0   ? "## Decision: context\n\n## Context\n\nUse the other key.\n"
               : fate == 1 ? "## Decision: escalate\n"
                           : "## Decision: split\n\n## Tasks\n\n" + task_text(plan, 1);
  } else {
    if (is_wild && chance(4)) workspaces_.write(plan, "mine.txt", "by a reviewer");
    document = review(agents);
  }
  if (speaks_claude_ && !(is_wild && chance(4)))
    std::ofstream(call.spec.stdout_path)
        << R"({"type":"result","subtype":"success","is_error":false,"result":"done",)"
        << R"("usage":{"input_tokens":200,"output_tokens":50}})";
  if (is_wild && chance(5)) return;
  const std::filesystem::path output = call.variable("KONDUCTOR_OUTPUT");
  std::ofstream(output) << document;
}

// The provider refuses, after the agent did a part of its work.
void SimulatedPhase::refuse(const FakeCall& call) {
  if (chance(30)) workspaces_.write(number_in(call, "KONDUCTOR_PLAN"), "part.txt", "half");
  std::ofstream(call.spec.stdout_path)
      << R"({"type":"result","subtype":"success","is_error":true,"result":"no","api_error_status":)"
      << (chance(50) ? 429 : 529) << "}";
}

std::string SimulatedPhase::summary(Agents agents) {
  if (agents == Agents::honest || chance(70)) return "## Status: DONE\n\nDone.\n";
  switch (pick(5)) {
    case 0:
      return "## Status: DONE_WITH_CONCERNS\n\n## Concerns\n\n- [actionable] slow\n";
    case 1:
      return "## Status: DONE_WITH_CONCERNS\n\n## Concerns\n\n- [informational] long\n";
    case 2:
      return "## Status: NEEDS_CONTEXT\n\n## Missing Context\n\nWhich port?\n";
    case 3:
      return "## Status: BLOCKED\n\n## Blocker\n\nNo access.\n";
    default:
      return "## Status: ALMOST\n";
  }
}

std::string SimulatedPhase::review(Agents agents) {
  if (agents == Agents::honest || chance(75)) return "## Verdict: pass\n\n## Findings\n";
  if (chance(20)) return "It looks fine.\n";
  return "## Verdict: fail\n\n## Findings\n\n- [significant] a.txt:1 — wrong\n";
}

}  // namespace konductor::test
